"""What a review leaves: the reader's page and table beside the files of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nvc.io.dicom_out.sr import Signed, SignedReading
from nvc.model.anatomy import Side
from nvc.pages.pictures import draw_side
from nvc.pages.review_page import (
    PAGE_NAME,
    TABLE_NAME,
    render_review_page,
    render_review_table,
)
from nvc.reviews.edits import read_settings_of
from nvc.reviews.replay import replay
from nvc.saving.dicom import find_dicom_source, make_dicom
from nvc.saving.names import check_output, name_files
from nvc.saving.save import save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nvc.model.review import Event, ReviewState
    from nvc.pipeline import Result
    from nvc.reviews.session import ReviewSession

__all__ = ["PAGE_NAME", "TABLE_NAME", "hand_over"]


def hand_over(
    session: ReviewSession,
    result: Result,
    out_dir: Path,
    inputs: Iterable[Path] = (),
    *,
    dicom: bool = False,
    reference_dicom: Path | None = None,
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
    dicom : bool
        Whether DICOM objects are written too, which hold the patient's identifiers;
        COMPLETE and VERIFIED only where both sides are signed.
    reference_dicom : Path, optional
        The DICOM series that a NIfTI reference was converted from.

    Raises
    ------
    InputError
        If `out_dir` or the review cannot be written to, or the reference's DICOM study
        is unknown; `out_dir` is then as before, and nothing is recorded.
    ReviewError
        If something was changed since `result` was measured.
    """
    names = (*name_files(dicom=dicom), PAGE_NAME, TABLE_NAME)
    session.foresee_export(names, result.report)  # told before anything is drawn
    images = [reference_dicom] if reference_dicom is not None else []
    check_output(out_dir, [*inputs, *images], names)
    source = None
    if dicom:
        limits = read_settings_of(session.state).input
        source = find_dicom_source(result.study, reference_dicom, limits)
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
        made = make_dicom(result, source, tell_reading(state))()
        table = render_review_table(state, result.report)
        page = render_review_page(state, events, result.report, pictures)
        texts = {TABLE_NAME: table.encode("utf-8"), PAGE_NAME: page.encode("utf-8")}
        return {**made, **texts}

    files = [*inputs, *images]
    return save(result, out_dir, files, make_more, lambda: session.write(foreseen[-1]))


def tell_reading(state: ReviewState) -> SignedReading:
    """Return who read, and what is signed as it stands."""
    signatures = tuple(
        Signed(
            side=side,
            reader=signature.reader,
            verdict=signature.verdict.value.replace("_", " "),
            reason=signature.reason,
            time=signature.time,
        )
        for side, signature in state.signatures.items()
    )
    is_final = state.is_signed and not state.is_stale
    return SignedReading(reader=state.reader, signatures=signatures, is_signed=is_final)
