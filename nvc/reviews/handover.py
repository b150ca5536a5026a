"""What a review leaves: the reader's page and table beside the files of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nvc.model.anatomy import Side
from nvc.pages.pictures import draw_side
from nvc.pages.review_page import (
    PAGE_NAME,
    TABLE_NAME,
    render_review_page,
    render_review_table,
)
from nvc.reviews.replay import replay
from nvc.saving.names import RUN_FILES, check_output
from nvc.saving.save import save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nvc.model.review import Event
    from nvc.pipeline import Result
    from nvc.reviews.session import ReviewSession

__all__ = ["PAGE_NAME", "TABLE_NAME", "hand_over"]


def hand_over(
    session: ReviewSession,
    result: Result,
    out_dir: Path,
    inputs: Iterable[Path] = (),
) -> dict[str, Path]:
    """Write a reviewed study: the files of a run, and the reader's page and table.

    Parameters
    ----------
    session : ReviewSession
        What the reader rated, changed and signed; takes down that this was written,
        once every file is in its place.
    result : Result
        As it was measured last, with the reader's changes.
    out_dir : Path
        Made where missing.
    inputs : iterable of Path
        Never written over.

    Raises
    ------
    InputError
        If `out_dir` or the review cannot be written to; `out_dir` is then as before,
        and nothing is recorded.
    ReviewError
        If something was changed since `result` was measured.
    """
    names = (*RUN_FILES, PAGE_NAME, TABLE_NAME)
    session.foresee_export(names, result.report)  # told before anything is drawn
    check_output(out_dir, inputs, names)
    pictures = {
        side: draw_side(result.aligned, result.shown, result.report.sides[side], side)
        for side in Side
    }

    foreseen: list[Event] = []

    def make_more() -> dict[str, bytes]:
        # The page holds every event, this one too, and its seal.
        event = session.foresee_export(names, result.report)
        events = (*session.events, event)
        state = replay(events)
        foreseen.append(event)
        table = render_review_table(state, result.report)
        page = render_review_page(state, events, result.report, pictures)
        return {TABLE_NAME: table.encode("utf-8"), PAGE_NAME: page.encode("utf-8")}

    return save(result, out_dir, inputs, make_more, lambda: session.write(foreseen[-1]))
