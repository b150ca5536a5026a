"""Every setting does something: what nothing reads would be changed in vain."""

from __future__ import annotations

import ast
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import pytest

import nvc
from nvc.settings import Settings

PACKAGE = Path(nvc.__file__).parent


@cache
def names_read() -> frozenset[str]:
    """Attributes of anything called settings, outside of nvc.settings."""
    paths = [p for p in PACKAGE.rglob("*.py") if PACKAGE / "settings" not in p.parents]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and "settings" in ast.unparse(node.value)
    )


def settings_by_stage() -> list[tuple[str, str]]:
    defaults = Settings()
    stages = {field.name: getattr(defaults, field.name) for field in fields(defaults)}
    assert all(is_dataclass(own) for own in stages.values())
    return [
        (stage, field.name) for stage, own in stages.items() for field in fields(own)
    ]


@pytest.mark.parametrize(("stage", "name"), settings_by_stage())
def test_every_setting_is_read_somewhere(stage: str, name: str) -> None:
    assert stage in names_read()
    assert name in names_read(), f"nothing reads {stage}.{name}"


@pytest.mark.parametrize(("stage", "name"), settings_by_stage())
def test_every_setting_says_where_it_comes_from(stage: str, name: str) -> None:
    own = getattr(Settings(), stage)
    (field,) = (field for field in fields(own) if field.name == name)
    assert field.metadata["source"]
