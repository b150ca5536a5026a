"""What a review leaves: the reader's page and table beside the files of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nvc.io.dicom_out.sr import Reading, Signed
from nvc.model.anatomy import Side
from nvc.pages.pictures import draw_side
from nvc.pages.review_page import (
    PAGE_NAME,
    TABLE_NAME,
    render_review_page,
    render_review_table,
)
from nvc.reviews.edits import read_settings_of
from nvc.saving.dicom import find_dicom_source, make_dicom
from nvc.saving.names import check_output, name_files
from nvc.saving.save import save

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nvc.model.review import ReviewState
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
        What the reader rated, changed and signed; takes down that this was written.
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
        If `out_dir` cannot be written to, or the reference's DICOM study is unknown.
    """
    names = (*name_files(dicom=dicom), PAGE_NAME, TABLE_NAME)
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

    def make_more() -> dict[str, bytes]:
        # The page holds every event, this one too, and its seal.
        made = make_dicom(result, source, tell_reading(session.state))()
        session.exported(names)
        table = render_review_table(session.state, result.report)
        page = render_review_page(
            session.state, session.events, result.report, pictures
        )
        texts = {TABLE_NAME: table.encode("utf-8"), PAGE_NAME: page.encode("utf-8")}
        return {**made, **texts}

    return save(result, out_dir, [*inputs, *images], make_more)


def tell_reading(state: ReviewState) -> Reading:
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
    return Reading(reader=state.reader, signatures=signatures, is_signed=is_final)
