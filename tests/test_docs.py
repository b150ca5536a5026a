"""What the documents say is true: examples run, links lead somewhere."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

import nvc
from nvc.cli.app import app
from nvc.notice import NOTICE

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"))
PROSE = {"text", "json"}
"""Languages of blocks that show something rather than do it."""

_BLOCK = re.compile(
    r"(?P<mark><!-- not run: (?P<reason>[^>]+) -->\n)?```(?P<language>\w*)\n"
    r"(?P<code>.*?)```",
    re.DOTALL,
)


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    language: str
    code: str
    reason: str | None


def blocks() -> list[Block]:
    return [
        Block(page, found["language"], found["code"], found["reason"])
        for page in PAGES
        for found in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]


def test_every_block_is_run_or_says_why_not():
    found = blocks()
    assert found
    for block in found:
        told = block.language in {*PROSE, "python"} or block.reason
        assert told, f"{block.page.name}: neither run nor marked:\n{block.code}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "block", [b for b in blocks() if b.language == "python" and not b.reason]
)
def test_python_blocks_run(block, tmp_path, monkeypatch, capsys):
    from nvc.io.sample import find_sample_study

    for path in find_sample_study().glob("*.nii.gz"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(compile(block.code, str(block.page), "exec"), {})
    printed = capsys.readouterr().out
    assert {line.split()[0] for line in printed.splitlines()} == {"left", "right"}
    assert (tmp_path / "report" / "report.html").is_file()


def test_the_readme_names_every_command_and_only_commands_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^nvc (\w+)", text, flags=re.MULTILINE))
    commands = {c.callback.__name__ for c in app.registered_commands if c.callback}
    assert named == commands


def test_the_readme_and_the_code_agree_on_flags_and_notice():
    from nvc.model.anatomy import Flag

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert NOTICE in " ".join(text.replace("**", "").split())
    for flag in Flag:
        assert f"| `{flag}` |" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://)([^)#\s]+)", text)
    for target in targets:
        assert (page.parent / target).exists(), target


def test_the_version_is_told_once():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {nvc.__version__}\n" in citation


def test_public_names_are_all_there():
    for name in nvc.__all__:
        assert getattr(nvc, name) is not None


def test_the_old_name_of_measuring_still_works_and_says_the_new_one():
    with pytest.warns(DeprecationWarning, match="nvc.measure"):
        old = nvc.review
    assert old is nvc.measure


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'measures'"):
        _ = nvc.measures


def test_the_readme_cites_the_sources_of_the_report():
    from nvc.report.wording import SOURCES

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    cited = dict(re.findall(r"\[([A-Z]\w+ \d{4})\]\((https://[^)]+)\)", text))
    known = {source.short: source.link for source in SOURCES}
    assert cited
    assert cited.items() <= known.items()


SCRIPTS = sorted([*(ROOT / "docs").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_scripts_take_from_the_project_is_there(script):
    """They run seldom: a name that was changed would be noticed late."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and re.match(
            r"nvc|tests", node.module or ""
        ):
            module = import_module(str(node.module))
            for alias in node.names:
                place = f"{node.module}.{alias.name}"
                assert hasattr(module, alias.name) or find_spec(place), place
