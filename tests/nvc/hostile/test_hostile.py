"""Every hostile or odd input is refused in one clear line, or read as it truly is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.nvc.hostile import (
    dicom_series,
    folders,
    label_maps,
    nifti_content,
    nifti_headers,
    points,
    review_files,
    settings_files,
)
from tests.nvc.hostile.recipe import (
    Accepted,
    Holds,
    Recipe,
    Refused,
    arguments,
    require_facts,
    require_refusal,
    run,
)
from tests.nvc.hostile.world import nifti, written

SCANS = {
    "header": nifti_headers.TABLE,
    "file": nifti_content.TABLE,
    "series": dicom_series.TABLE,
    "folder": folders.TABLE,
}
BESIDE = {
    "--landmarks": points,
    "--labels": label_maps,
    "--settings": settings_files,
    "--review": review_files,
}
"""What is given beside a scan, by its option: modules with a table and a reader."""


def named(tables) -> list:
    """All recipes of some tables, as parameters with readable names."""
    return [
        pytest.param(recipe, id=f"{kind}: {name}".encode("ascii", "replace").decode())
        for kind, table in tables.items()
        for name, recipe in table.items()
    ]


def shown(argv: list[str]) -> str:
    """What a line must name: the input, as far as a terminal can show it."""
    name = Path(argv[1] if argv[0].startswith("--") else argv[0]).name
    return re.split(r"#\d|\s|[^\w.-]", name)[0][:100]


@pytest.mark.parametrize("recipe", named(SCANS))
def test_a_scan_is_refused_in_one_line_or_read_as_it_is(
    recipe: Recipe, tmp_path, capsys, monkeypatch
):
    folder, out = tmp_path / "given", tmp_path / "out"
    folder.mkdir()
    argv = arguments(recipe.make(folder))
    words = ["inspect", *argv, "--json", "--out", str(out)]
    told = run(words, folder, capsys, monkeypatch)
    if isinstance(recipe.outcome, Refused):
        require_refusal(told, recipe.outcome, shown(argv), out)
    else:
        assert isinstance(recipe.outcome, Accepted)
        require_facts(told, recipe.outcome, out)


@pytest.mark.parametrize("option", BESIDE)
@pytest.mark.parametrize("outcome", [Holds, Refused])
def test_every_kind_holds_what_is_read_and_what_is_not(option, outcome):
    outcomes = [type(r.outcome) for r in BESIDE[option].TABLE.values()]
    assert outcome in outcomes


@pytest.mark.parametrize(
    ("option", "recipe"),
    [
        pytest.param(option, recipe, id=f"{option[2:]}: {name}")
        for option, module in BESIDE.items()
        for name, recipe in module.TABLE.items()
    ],
)
def test_what_is_given_beside_a_scan_is_refused_in_one_line_or_read(
    option: str, recipe: Recipe, tmp_path, capsys, monkeypatch
):
    folder, out = tmp_path / "given", tmp_path / "out"
    folder.mkdir()
    made = recipe.make(folder)
    if isinstance(recipe.outcome, Holds):
        assert recipe.outcome.fact(BESIDE[option].read(made))
        return
    assert isinstance(recipe.outcome, Refused)
    scan = [] if option == "--review" else ["--t2", str(written(nifti())(tmp_path))]
    own = [option, str(made)] if isinstance(made, Path) else made
    words = ["measure", *scan, *own, "--out", str(out)]
    told = run(words, folder, capsys, monkeypatch)
    given = made.name if isinstance(made, Path) else made[1][:7]
    require_refusal(told, recipe.outcome, given, out)
