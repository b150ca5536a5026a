"""Every hostile or odd input is refused in one clear line, or read as it truly is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.nvc.hostile import dicom_series, folders, nifti_content, nifti_headers
from tests.nvc.hostile.recipe import (
    Accepted,
    Recipe,
    Refused,
    arguments,
    require_facts,
    require_refusal,
    run,
)

SCANS = {
    "header": nifti_headers.TABLE,
    "file": nifti_content.TABLE,
    "series": dicom_series.TABLE,
    "folder": folders.TABLE,
}


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
