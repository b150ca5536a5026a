"""Every setting does something, and says what it rests on."""

from __future__ import annotations

import ast
import re
from dataclasses import FrozenInstanceError, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import nvc
from nvc.settings import Settings, walk_settings
from nvc.settings._field import ORIGINS
from nvc.settings.fixed import FIXED

PACKAGE = Path(nvc.__file__).parent
ALL = {name: (field, value) for name, field, value in walk_settings(Settings())}
FIXED_ALL = {f"FIXED.{name}": (f, v) for name, f, v in walk_settings(FIXED)}
EVERY = ALL | FIXED_ALL


def of_settings(node: ast.AST, short: frozenset[str] = frozenset()) -> bool:
    text = ast.unparse(node)
    return "settings" in text.lower() or text.split(".")[0] in {"FIXED", *short}


def names_read_in(tree: ast.AST) -> set[str]:
    """Attributes of anything called settings, or of what was taken from it."""
    short = frozenset(
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and of_settings(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and of_settings(node.value, short)
    }


@cache
def names_read() -> frozenset[str]:
    paths = [p for p in PACKAGE.rglob("*.py") if PACKAGE / "settings" not in p.parents]
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return frozenset().union(*map(names_read_in, trees))


def groups(of: Any, within: str = "") -> list[tuple[str, Any]]:
    """Every class of settings with its dotted name."""
    found = [(within.rstrip("."), of)] if within else []
    for own in fields(of):
        value = getattr(of, own.name)
        if is_dataclass(value):
            found += groups(value, f"{within}{own.name}.")
    return found


@pytest.mark.parametrize("name", EVERY)
def test_every_setting_is_read_somewhere(name: str) -> None:
    for part in name.removeprefix("FIXED.").split("."):
        assert part in names_read(), f"nothing reads {name}"


@pytest.mark.parametrize("name", EVERY)
def test_every_setting_says_what_it_is_and_what_it_rests_on(name: str) -> None:
    metadata = EVERY[name][0].metadata
    assert metadata.get("by") in ORIGINS, f"declare {name} by a function of _field"
    assert metadata["source"].strip(), f"say what {name} is, or why it is so large"


@pytest.mark.parametrize("name", ALL)
def test_every_default_is_within_its_own_bounds(name: str) -> None:
    field, value = ALL[name]
    low, high = field.metadata["each_ge"], field.metadata["each_le"]
    for number in value if isinstance(value, tuple) else (value,):
        assert low is None or number >= low
        assert high is None or number <= high


@pytest.mark.parametrize(
    ("name", "own"),
    [*groups(Settings()), *groups(FIXED)],
    ids=lambda v: str(v)[:40],
)
def test_every_group_is_frozen_and_explained(name: str, own: Any) -> None:
    assert type(own).__doc__
    assert not type(own).__doc__.startswith(type(own).__name__ + "("), name
    with pytest.raises((FrozenInstanceError, AttributeError)):
        setattr(own, fields(own)[0].name, 0)


def test_a_published_size_names_who_published_it() -> None:
    """A year, an article's number, an address, or the author of the atlas."""
    named = re.compile(r"\b(?:19|20)\d\d\b|\d{5}|doi:|Rhoton")
    silent = [
        name
        for name, (field, _) in ALL.items()
        if field.metadata["by"] == "publication"
        and not named.search(field.metadata["source"])
    ]
    assert not silent
