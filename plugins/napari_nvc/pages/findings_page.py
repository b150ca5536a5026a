"""The findings: both sides beside each other, and the gap along both nerves."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_nvc.pages.gap_plot import GapPlot
from napari_nvc.shown.study import Reviewed
from nvc.model.anatomy import Side
from nvc.model.findings import Remark
from nvc.report.wording import NAMES_NOTE
from nvc.summary import COLUMNS, remark_text

_LINE_PIXELS, _MOST_LINES = 18, 6
_REMARK = 256
"""Where an item keeps the remark it shows: Qt.UserRole."""


class FindingsPage(QWidget):
    """Shows a `Reviewed`; a click asks to go to a side or a place."""

    sideChosen = Signal(object)
    placeChosen = Signal(object)
    """A side or None, and a point in true RAS mm."""

    def __init__(self) -> None:
        super().__init__()
        self.table = QTableWidget(len(COLUMNS), 2)
        self.base_rate = QLabel()
        self.remarks = QListWidget()
        self.stale = QLabel(
            "Something was changed: these numbers are from before. Measuring again…"
        )
        self.plot = GapPlot()
        self._sides: list[Side] = []
        self._build()

    def setValue(self, reviewed: Reviewed) -> None:
        """Show findings, the patient's right first."""
        self._sides = [row.side for row in reviewed.rows]
        for column, row in enumerate(reviewed.rows):
            for line, cell in enumerate(row.cells):
                item = QTableWidgetItem(cell.replace("_", " "))
                if COLUMNS[line] == "Vessel":
                    item.setToolTip(NAMES_NOTE)
                self.table.setItem(line, column, item)
        self._show_remarks(reviewed.report.remarks)
        known = reviewed.profiles
        self.plot.setProfiles({s: known[s] for s in self._sides if s in known})
        self.setStale(False)

    def setStale(self, is_stale: bool) -> None:
        """Mark the numbers as measured before a change."""
        self.stale.setVisible(is_stale)
        self.table.setStyleSheet("color: #8a8f98;" if is_stale else "")

    def setBaseRate(self, text: str) -> None:
        """Show how often such a finding is seen without symptoms."""
        self.base_rate.setText(text)

    def _build(self) -> None:
        self.table.setVerticalHeaderLabels(COLUMNS)
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        if across is not None and down is not None:  # a table has both
            across.hide()
            across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            across.sectionResized.connect(lambda *_: self.table.resizeRowsToContents())
            down.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setWordWrap(True)
        self.table.setToolTip("Click a side: all views go to its closest place")
        self.table.cellClicked.connect(self._clicked)
        self.base_rate.setWordWrap(True)
        self.stale.setWordWrap(True)
        self.stale.setStyleSheet("color: #ff9f0a; font-weight: bold;")
        self.stale.hide()
        self.plot.placeChosen.connect(self.placeChosen)
        self.remarks.setWordWrap(True)
        self.remarks.setToolTip("What else was measured: click, and all views go there")
        self.remarks.itemClicked.connect(self._remark_clicked)
        layout = QVBoxLayout(self)
        layout.addWidget(self.stale)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.base_rate)
        layout.addWidget(QLabel("Also to look at"))
        layout.addWidget(self.remarks)
        layout.addWidget(self.plot)

    def _show_remarks(self, remarks: tuple[Remark, ...]) -> None:
        """Tell what else must not be missed; what has a place can be clicked."""
        self.remarks.clear()
        for remark in remarks:
            whose = "" if remark.side is None else f"Patient's {remark.side}: "
            item = QListWidgetItem(f"{whose}{remark_text(remark)}")
            item.setData(_REMARK, remark)
            self.remarks.addItem(item)
        if not remarks:
            self.remarks.addItem("Nothing else stood out of the usual.")
        lines = min(2 * len(remarks), _MOST_LINES) or 1
        self.remarks.setFixedHeight(lines * _LINE_PIXELS + 10)

    def _remark_clicked(self, item: QListWidgetItem) -> None:
        remark = item.data(_REMARK)
        if isinstance(remark, Remark) and remark.at_mm is not None:
            self.placeChosen.emit((remark.side, remark.at_mm))

    def _clicked(self, _: int, column: int) -> None:
        if self._sides:
            self.sideChosen.emit(self._sides[column])
