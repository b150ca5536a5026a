"""Hostile and odd folders in the list of series: told in words, and never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from napari_nvc.shown import study

from nvc.model.study import SequenceRole
from tests.nvc.hostile import folders
from tests.nvc.hostile.recipe import Accepted, Recipe, arguments


@pytest.mark.parametrize("name", folders.TABLE)
def test_a_folder_is_listed_or_what_is_wrong_is_told(name, tmp_path):
    recipe: Recipe = folders.TABLE[name]
    words = arguments(recipe.make(tmp_path))
    rows, problems = study.list_rows(Path(w) for w in words if not w.startswith("--"))
    told = problems + [row.problem for row in rows if row.problem]
    for line in told:
        assert line.isprintable()
        assert "Traceback" not in line
    if isinstance(recipe.outcome, Accepted):
        assert any(not row.problem for row in rows)
    elif not told:  # of two that are refused together, one alone is chosen
        used = [row for row in rows if row.role is not SequenceRole.OTHER]
        assert len(used) == 1
