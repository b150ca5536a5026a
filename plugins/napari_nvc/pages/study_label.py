"""One line on the study that is open: which, in which version, signed or not."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtWidgets import QLabel

from nvc.model.review import ReviewState


class StudyLabel(QLabel):
    """Names a study by its key alone, and says where a correction is not saved."""

    def __init__(self) -> None:
        super().__init__("No study is open.")
        self.setWordWrap(True)

    def setState(self, state: ReviewState, path: Path, *, is_unsaved: bool) -> None:
        """Show what is open as it stands in the record."""
        what = ", ".join(one.role.upper() for one in state.inputs)
        told = "signed" if state.is_signed else "not signed"
        if is_unsaved:
            told += "; THE LAST CORRECTION IS NOT SAVED"
        self.setText(
            f"Study {state.study_key[:8]} ({what}), version {state.version}, {told}"
        )
        # A file name may name a patient: it is not shown before both sides are read.
        hint = str(path) if state.is_revealed else "hidden until both are rated"
        self.setToolTip(f"Review: {hint}")
