"""The study of a review, wherever its files lie now."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nvc.io.study.by_content import load_inputs
from nvc.model.study import SequenceRole
from nvc.reviews.edits import read_settings_of

if TYPE_CHECKING:
    from nvc.io.doors.reading import Use
    from nvc.model.review import ReviewState
    from nvc.model.study import Study


def load_study_of(
    state: ReviewState, places: Iterable[Path]
) -> tuple[Study, tuple[Path, ...]]:
    """Find and read the inputs of a review by their digests.

    Parameters
    ----------
    state : ReviewState
        Names roles and digests.
    places : iterable of Path
        Files and folders to look in, in this order; folders with their subfolders.

    Returns
    -------
    study : Study
        The same as when the review began.
    paths : tuple of Path
        Where its series lie.

    Raises
    ------
    InputError
        If a series was not found.
    """
    wanted = {SequenceRole(one.role): one.sha256 for one in state.inputs}
    return load_inputs(
        wanted,
        places,
        settings=read_settings_of(state).input,
        use=cast("Use", state.affine),
    )
