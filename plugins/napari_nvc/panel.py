"""The panel: open, read first, reveal, correct, measure again, sign, hand over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer
from qtpy.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from qtpy.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from napari_nvc.flow.answers import Answers
from napari_nvc.flow.corrections import Corrections
from napari_nvc.flow.docking import dock_views, make_notice_strip, stand_beside
from napari_nvc.flow.job_bar import JobBar
from napari_nvc.flow.keys import Action, bind_keys
from napari_nvc.flow.leaving import Leaving
from napari_nvc.flow.showing import Showing
from napari_nvc.pages.choosing import choose_folder
from napari_nvc.pages.correct_page import CorrectPage
from napari_nvc.pages.findings_page import FindingsPage
from napari_nvc.pages.help_page import HelpPage
from napari_nvc.pages.open_page import OpenPage
from napari_nvc.pages.read_page import RatedSide, ReadPage
from napari_nvc.pages.sign_page import SignPage
from napari_nvc.pages.study_label import StudyLabel
from napari_nvc.pages.view_controls import ViewControls
from napari_nvc.shown import study
from napari_nvc.shown.study import Opened, Progress, Reviewed, SeriesRow, Stop
from napari_nvc.views.linked_views import LinkedViews, warm_labels
from nvc.errors import NvcError
from nvc.io.records.review_log import REVIEW_SUFFIX
from nvc.model.anatomy import Side
from nvc.model.review import Verdict
from nvc.reviews.session import ReviewSession, read_review
from nvc.settings import Settings

if TYPE_CHECKING:
    import napari.viewer

    from napari_nvc.flow.worker import Work

_WIDTH_PIXELS = 470
_OPEN, _READ, _FINDINGS, _CORRECT, _SIGN = range(5)
_MEASURING = "measuring in the background"
_FIRST_VIEW_MS = 300
"""The pictures are drawn before the measurement takes its share of the processor."""


class ReviewPanel(QWidget):
    """One reader's review of one study, in napari.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Whose canvas is the large view.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self.session: ReviewSession | None = None
        self.opened: Opened | None = None
        self.reviewed: Reviewed | None = None
        self.views = LinkedViews(viewer)
        self.controls = ViewControls()
        self.showing = Showing(self.views, self.controls)
        self.open_page, self.read_page = OpenPage(), ReadPage()
        self.findings_page, self.correct_page = FindingsPage(), CorrectPage()
        self.sign_page = SignPage()
        self.corrections = Corrections(self.views, self.correct_page, self)
        self._answers = Answers(self.sign_page, self)
        self._leaving = Leaving(self, self.corrections)
        self.pages, self.study_label, self.jobs = QTabWidget(), StudyLabel(), JobBar()
        self._first_view = QTimer(self)
        self._first_view.setSingleShot(True)
        self._first_view.setInterval(_FIRST_VIEW_MS)
        self._first_view.timeout.connect(self._measure_first)
        self._build()
        self._connect()
        self._keys = self._key_actions()
        bind_keys(viewer, self._keys)
        self._planes = dock_views(viewer, self.views.widget)
        self.refresh()

    @property
    def work(self) -> Work | None:
        """The job that runs, or None."""
        return self.jobs.work

    def open_paths(self, paths: list[Path]) -> None:
        """List a study's series, or open a review and look for its images."""
        reviews = [path for path in paths if path.suffix == REVIEW_SUFFIX]
        if reviews:
            rest = [path for path in paths if path not in reviews]
            self.open_review(reviews[0], rest)
        elif paths:
            self.jobs.start(
                lambda *_: study.list_rows(paths),
                lambda found: self.open_page.add(*found),
            )

    def open_rows(self, rows: list[SeriesRow]) -> None:
        """Read the chosen series, begin a review and measure in the background."""

        def begin(opened: Opened) -> None:
            self._take(opened, ReviewSession.begin(opened.study, Settings()))

        self.jobs.start(lambda *_: study.open_rows(rows), begin)

    def open_review(self, path: Path, places: list[Path]) -> None:
        """Open a review again, as its next version."""

        def job(*_: object) -> tuple[Opened, ReviewSession]:
            from nvc.io.sample import find_sample_study

            near = [*places, path.resolve().parent, find_sample_study()]
            opened = study.reopen_study(read_review(path), near)
            return opened, ReviewSession.reopen(path)

        self.jobs.start(job, lambda value: self._take(*value))

    def rate(self, rated: RatedSide) -> None:
        """Record a first read with the place of the crosshair."""
        session = self.session
        if session is None:
            return
        self.attempt(
            lambda: session.rate(
                rated.side,
                rated.rating,
                rated.confidence,
                reader=self.read_page.reader.text(),
                segment=rated.segment,
                point_mm=self.views.point_mm,
            )
        )

    def reveal(self) -> None:
        """Show the findings, as soon as they are measured."""
        session = self.session
        if session is None or not self.attempt(session.reveal):
            return
        if self.reviewed is not None:
            self._show_findings()
        elif self.work is None:
            self.measure()

    def measure(self) -> None:
        """Run the whole pipeline in the background; shown when it may be."""
        session, opened = self.session, self.opened
        if session is not None and opened is not None:
            state = session.state

            def job(on_progress: Progress, should_stop: Stop) -> Reviewed:
                warm_labels()
                return study.measure(opened.study, state, on_progress, should_stop)

            self.jobs.start(job, self._measured)

    def measure_again(self) -> None:
        """Measure as the record says now; waits for a job that runs."""
        session, reviewed = self.session, self.reviewed
        if session is None or reviewed is None:
            return
        if self.work is not None:
            self.jobs.start_next(self.measure_again)
            return
        state = session.state
        if state.corrections == reviewed.state.corrections and not state.is_stale:
            return
        self.jobs.start(
            lambda p, s: study.measure_again(reviewed, state, p, s), self._measured
        )

    def search_again(self) -> None:
        """Follow the nerves anew from the moved landmarks."""
        session = self.session
        if session is None or self.reviewed is None or self.work is not None:
            return
        if self.attempt(session.search_again):
            self.measure_again()

    def sign(self, side: Side, verdict: Verdict, reason: str) -> None:
        """Record the reader's word on one side."""
        session = self.session
        if session is not None:
            reader = self.read_page.reader.text()
            self.attempt(lambda: session.sign(side, verdict, reason, reader))

    def export(self, folder: Path) -> None:
        """Write report and signed record to a folder, in a thread."""
        session, reviewed, opened = self.session, self.reviewed, self.opened
        if session is None or reviewed is None or opened is None:
            return
        given = (session, reviewed.result, folder, opened.paths)
        dicom = self.sign_page.dicom.isChecked()

        def job(*_: object) -> str:
            from nvc.reviews.handover import PAGE_NAME, hand_over

            return f"Written: {hand_over(*given, dicom=dicom)[PAGE_NAME]}"

        self.jobs.start(job, self.tell, can_stop=False)

    def attempt(self, step: Callable[[], object]) -> bool:
        """Take a step that may be refused; say why, and show the state after it."""
        try:
            step()
        except NvcError as error:
            self.refresh()
            self.tell(str(error))
            return False
        self.refresh()
        return True

    def tell(self, message: str) -> None:
        """Show one line."""
        self.jobs.tell(message)

    def refresh(self) -> None:
        """Show the record as it stands in every page."""
        session = self.session
        for number in (_READ, _FINDINGS, _CORRECT, _SIGN):
            self.pages.setTabEnabled(number, session is not None)
        if session is None:
            return
        state = session.state
        for number in (_FINDINGS, _SIGN):
            self.pages.setTabEnabled(number, state.is_revealed)
        self.read_page.setState(state)
        self.correct_page.setState(state)
        self.sign_page.setState(state)
        self.findings_page.setStale(state.is_stale)
        self.corrections.show_rulers(state)
        unsaved = self.corrections.is_unsaved
        self.study_label.setState(state, session.path, is_unsaved=unsaved)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Obey the same keys as the canvas, where no field takes them."""
        action = None if event is None else self._keys.get(event.text().upper())
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Stand beside the planes, not below them."""
        super().showEvent(event)
        stand_beside(self._planes, self)

    def stop(self) -> None:
        """Record what is open, then stop the job."""
        self.corrections.stop()
        self.jobs.cancel()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop along with the panel."""
        self.stop()
        self.views.close()
        super().closeEvent(event)

    def _taken_out(self) -> None:
        """Take the layers along: painting on them would not be recorded any more."""
        self.stop()
        self.views.clear()
        self.views.close()
        self._viewer.window.remove_dock_widget(self._planes)

    def _take(self, opened: Opened, session: ReviewSession) -> None:
        """Begin with a study that was read."""
        self.corrections.stop()
        if self.corrections.is_unsaved:
            return  # it stays on show, and so does what is told of it
        self.corrections.forget()
        self.opened, self.session, self.reviewed = opened, session, None
        self.showing.show_study(opened)
        # The names of its files may name a patient: the list is taken off the screen.
        self.open_page.setValue([])
        self.read_page.clear()
        self.sign_page.clear()
        self.refresh()
        self.pages.setCurrentIndex(_READ)
        torn = " The last change had not been saved whole." if session.was_torn else ""
        self.tell(f"Rate both sides; {_MEASURING}.{torn}")
        self.jobs.start_next(self._first_view.start)

    def _measure_first(self) -> None:
        """Measure a study that was opened, unless the reader has started that."""
        if self.work is None and self.reviewed is None:
            self.measure()

    def _measured(self, reviewed: Reviewed) -> None:
        """Take up what was measured, once nothing is dragged or painted any more."""
        session = self.session

        def take_up() -> None:
            if session is not None and session is self.session:
                self._take_measured(session, reviewed)

        self.corrections.hand.when_free(take_up)

    def _take_measured(self, session: ReviewSession, reviewed: Reviewed) -> None:
        first, self.reviewed = self.reviewed is None, reviewed
        self.corrections.take_open()
        if session.state.corrections != reviewed.state.corrections:
            self.measure_again()  # something was changed meanwhile: it is measured next
            return
        if self.corrections.is_unsaved or not self.attempt(
            lambda: session.measured(reviewed.report)
        ):
            return  # what is not saved stays on show
        if session.state.is_revealed:
            self._show_findings(jump=first)
        else:
            self.showing.show_sources(reviewed)
            self.tell("Measured; shown once both sides are rated.")

    def _show_findings(self, *, jump: bool = True) -> None:
        reviewed, session = self.reviewed, self.session
        if reviewed is None or session is None:
            return
        with self.corrections.not_by_hand():
            self.showing.show_findings(reviewed)
        self.corrections.follow(reviewed)
        self.findings_page.setValue(reviewed)
        self.refresh()
        if jump:
            self.pages.setCurrentIndex(_FINDINGS)
            self.go_to_side(Side.RIGHT)
        self.tell("Measured. Click a side to see its closest place.")

    def go_to_side(self, side: Side) -> None:
        """Go to the closest place of a side, or to where it is to be looked for."""
        told = self.showing.go_to_side(side)
        if self.reviewed is not None and self.showing.is_revealed:
            self.findings_page.setBaseRate(self.reviewed.report.sides[side].base_rate)
        if told:
            self.tell(told)

    def _choose_folder(self) -> None:
        folder = choose_folder(self, "Folder for the report")
        if folder is not None:
            self.export(folder)

    def _build(self) -> None:
        for page, title in (
            (self.open_page, "1 Open"),
            (self.read_page, "2 Read"),
            (self.findings_page, "3 Findings"),
            (self.correct_page, "4 Correct"),
            (self.sign_page, "5 Sign"),
            (HelpPage(), "Help"),
        ):
            self.pages.addTab(page, title)
        self.setMinimumWidth(_WIDTH_PIXELS)
        layout = QVBoxLayout(self)
        for widget in (make_notice_strip(), self.study_label, self.controls):
            layout.addWidget(widget)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.jobs)

    def _connect(self) -> None:
        page = self.open_page
        page.pathsChosen.connect(self.open_paths)
        page.openAsked.connect(self.open_rows)
        page.demoAsked.connect(lambda: self.open_rows(study.list_demo_rows()))
        self.read_page.rated.connect(self.rate)
        self.read_page.revealAsked.connect(self.reveal)
        self.read_page.lookAsked.connect(self.go_to_side)
        self.findings_page.sideChosen.connect(self.go_to_side)
        self.findings_page.placeChosen.connect(
            lambda chosen: self.showing.go_to(chosen[0], chosen[1])
        )
        self._leaving.goes.connect(self.stop)
        self._leaving.taken_out.connect(self._taken_out)
        self.correct_page.searchAsked.connect(self.search_again)
        self.jobs.busyChanged.connect(lambda busy: page.setEnabled(not busy))
        sign = self.sign_page
        sign.signAsked.connect(self.sign)
        sign.exportAsked.connect(self._choose_folder)

    def _key_actions(self) -> dict[str, Action]:
        showing = self.showing
        return {
            "1": lambda: showing.show_plane("axial"),
            "2": lambda: showing.show_plane("coronal"),
            "3": lambda: showing.show_plane("sagittal"),
            "O": showing.toggle_overlay,
            "N": lambda: self.go_to_side(showing.side.other),
            "C": lambda: self.go_to_side(showing.side),
            "J": lambda: self.tell(showing.step_contact(1)),
            "K": lambda: self.tell(showing.step_contact(-1)),
            "M": self.correct_page.ruler_button.toggle,
            "G": lambda: self.pages.setCurrentIndex(_SIGN),
        }
