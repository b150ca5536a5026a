"""The panel: choose a study, measure it, and go from finding to finding."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari.layers import Labels, Layer
from qtpy.QtCore import Qt
from qtpy.QtGui import QCloseEvent
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_nvc import review
from napari_nvc.display import arrange, go_to, show_plane
from napari_nvc.layers import PLANES, LayerData
from napari_nvc.review import Reviewed
from napari_nvc.study_chooser import StudyChooser
from napari_nvc.worker import Job, Work
from nvc.errors import NvcError
from nvc.notice import NOTICE
from nvc.summary import COLUMNS

if TYPE_CHECKING:
    import napari.viewer

_TAG = "nvc-review"
_WIDTH_PIXELS = 460
"""Two columns of words and their headings, side by side."""


class ReviewPanel(QWidget):
    """Measures a study and shows both sides.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Where the layers are shown.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self._viewer = viewer
        self._work: Work | None = None
        self._reviewed: Reviewed | None = None
        self._column = 0
        self.chooser = StudyChooser()
        self.measure_button = QPushButton("Measure")
        self.cancel_button = QPushButton("Cancel")
        self.save_button = QPushButton("Save report…")
        self.progress = QProgressBar()
        self.status = QLabel()
        self.plane = QComboBox()
        self.table = QTableWidget(len(COLUMNS), 2)
        self.base_rate = QLabel()
        self._build()
        arrange(viewer)
        self._set_busy(False)

    @property
    def reviewed(self) -> Reviewed | None:
        """The newest result, or None before the first."""
        return self._reviewed

    @property
    def work(self) -> Work | None:
        """The job that runs, or None."""
        return self._work

    def _build(self) -> None:
        notice = QLabel(NOTICE)
        notice.setObjectName("notice")
        notice.setWordWrap(True)
        notice.setStyleSheet(
            "background: #ffd60a; color: black; font-weight: bold; padding: 4px;"
        )
        self.status.setWordWrap(True)
        self.status.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.base_rate.setWordWrap(True)
        self.progress.setRange(0, 100)
        self.plane.addItems(list(PLANES))
        self.plane.currentTextChanged.connect(self._change_plane)
        self.measure_button.clicked.connect(self.measure)
        self.cancel_button.clicked.connect(self.cancel)
        self.save_button.clicked.connect(self._choose_and_save)
        self._build_table()
        buttons = QHBoxLayout()
        for widget in (self.measure_button, self.cancel_button, self.save_button):
            buttons.addWidget(widget)
        self.setMinimumWidth(_WIDTH_PIXELS)
        layout = QVBoxLayout(self)
        layout.addWidget(notice)
        layout.addWidget(self.chooser)
        layout.addLayout(buttons)
        for widget in (self.progress, self.status, self.plane, self.table):
            layout.addWidget(widget)
        layout.addWidget(self.base_rate)

    def _build_table(self) -> None:
        """Both sides next to each other, the patient's right on the left."""
        self.table.setVerticalHeaderLabels(COLUMNS)
        self.table.horizontalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.Stretch
        )
        self.table.verticalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.ResizeToContents
        )
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setWordWrap(True)
        self.table.setToolTip("Click a side to see its closest place")
        self.table.cellClicked.connect(lambda _, column: self.show_side(column))

    def measure(self) -> None:
        """Read and measure the chosen study in a thread."""
        paths = self.chooser.value()
        if not paths.may_hold_reference:
            self._tell("Choose a T2, a T1 or a study folder first.")
            return
        self._start(
            lambda on_progress, should_stop: review.measure(
                paths, on_progress, should_stop
            )
        )

    def cancel(self) -> None:
        """Stop the running job; what was shown before stays."""
        if self._work is not None:
            self._work.cancel()
            self._tell("Stopping…")

    def show_side(self, column: int) -> None:
        """Go to the closest place of the side in a column of the table."""
        if self._reviewed is None:
            return
        self._column = column
        side = self._reviewed.rows[column].side
        self.base_rate.setText(self._reviewed.report.sides[side].base_rate)
        place = self._reviewed.place_of(side)
        if place is None:
            self._tell(f"Nothing was found on the patient's {side}.")
        else:
            go_to(self._viewer, place)

    def _change_plane(self, plane: str) -> None:
        """Show another plane through the same place."""
        show_plane(self._viewer, plane)
        self.show_side(self._column)

    def save(self, folder: Path) -> None:
        """Write report, pictures and segmentation to a folder, in a thread."""
        reviewed = self._reviewed
        if reviewed is not None:
            self._start(lambda *_: review.save(reviewed, folder))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the job along with the panel."""
        self.cancel()
        super().closeEvent(event)

    def _start(self, job: Job) -> None:
        if self._work is not None:
            return
        self._work = Work(job, self)
        self._work.progressed.connect(self._show_progress)
        self._work.done.connect(self._show)
        self._work.failed.connect(self._explain)
        self._work.ended.connect(self._end)
        self._set_busy(True)
        self._work.start()

    def _show_progress(self, step: str, fraction: float) -> None:
        self.progress.setValue(round(100 * fraction))
        self._tell(step)

    def _show(self, value: object) -> None:
        """Show a finished job's result."""
        if not isinstance(value, Reviewed):
            self._tell("Saved.")
            return
        self._reviewed = value
        self._replace_layers(value.layers)
        for column, row in enumerate(value.rows):
            for line, cell in enumerate(row.cells):
                self.table.setItem(line, column, QTableWidgetItem(cell))
        self._tell("Done. Click a side to see its closest place.")
        self.show_side(0)

    def _replace_layers(self, shown: list[LayerData]) -> None:
        for layer in list(self._viewer.layers):
            if layer.metadata.get("made_by") == _TAG:
                self._viewer.layers.remove(layer)
        for data, options, kind in shown:
            tagged = options | {"metadata": {"made_by": _TAG}}
            layer = Layer.create(data, tagged, kind)
            if isinstance(layer, Labels):
                layer.contour = 1  # outlines leave the source image in view
            self._viewer.add_layer(layer)
        arrange(self._viewer)
        self.plane.setCurrentText("axial")

    def _explain(self, error: Exception) -> None:
        if isinstance(error, NvcError):
            self._tell(str(error))
        else:
            self._tell(
                f"Unexpected {type(error).__name__}: {error}. Please report it, with "
                "the output of `nvc measure --debug` on the same files."
            )

    def _end(self) -> None:
        work, self._work = self._work, None
        stopped = work is not None and work.is_cancelled
        if work is not None:
            work.deleteLater()
        self._set_busy(False)
        if stopped:
            self._tell("Stopped; nothing was changed.")

    def _choose_and_save(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for the report")
        if folder:
            self.save(Path(folder))

    def _set_busy(self, busy: bool) -> None:
        self.measure_button.setEnabled(not busy)
        self.chooser.setEnabled(not busy)
        self.cancel_button.setEnabled(busy)
        self.save_button.setEnabled(not busy and self._reviewed is not None)
        self.progress.setVisible(busy)

    def _tell(self, message: str) -> None:
        self.status.setText(message)
