"""Correcting: landmarks, painted labels, rulers, and undoing each of them."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nvc.model.anatomy import Structure
from nvc.model.review import ReviewState

_PAINT = {
    Structure.CN7_RIGHT: "CN VII, right",
    Structure.CN7_LEFT: "CN VII, left",
    Structure.CN8_RIGHT: "CN VIII, right",
    Structure.CN8_LEFT: "CN VIII, left",
    Structure.ARTERY: "artery",
    Structure.VEIN: "vein",
    Structure.VESSEL_UNKNOWN: "vessel of unknown kind",
    Structure.BRAINSTEM: "brainstem",
    Structure.BACKGROUND: "nothing (erase)",
}


class CorrectPage(QWidget):
    """Asks for corrections; knows neither layers nor the record."""

    dragAsked = Signal(bool)
    paintAsked = Signal(object)
    searchAsked = Signal()
    undoAsked = Signal()
    rulerAsked = Signal(bool)
    rulerChosen = Signal(int)
    rulerRemoved = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.drag_button = _toggle("Drag landmarks", "Drag the named points")
        self.search_button = QPushButton("Follow the nerves anew")
        self.paint_button = _toggle("Paint labels", "Paint with napari's own tools")
        self.structure = QComboBox()
        self.ruler_button = _toggle("New ruler", "Then click its two ends")
        self.remove_button = QPushButton("Remove")
        self.undo_button = QPushButton("Undo the last change")
        self.rulers = QListWidget()
        self.changes = QLabel("Nothing was changed.")
        self._build()

    def setState(self, state: ReviewState) -> None:
        """Show what was changed, and allow what can be."""
        moved = [
            f"{side} {name.removesuffix('_mm').replace('_', ' ')}"
            for side, marks in state.landmarks.items()
            for name in marks
        ]
        told = [f"moved: {', '.join(moved)}"] if moved else []
        if state.search_landmarks:
            told.append("nerves followed anew from moved landmarks")
        if state.paintings:
            voxels = sum(stroke.count for stroke in state.paintings)
            told.append(f"painted: {len(state.paintings)} strokes, {voxels} voxels")
        self.changes.setText("; ".join(told).capitalize() or "Nothing was changed.")
        # One that was stopped may be asked for again.
        is_stopped = bool(state.search_landmarks) and state.is_stale
        self.search_button.setEnabled(bool(state.landmarks) or is_stopped)
        for widget in (self.drag_button, self.paint_button, self.structure):
            widget.setEnabled(state.is_revealed)
        self.rulers.clear()
        for ruler in state.rulers:
            item = QListWidgetItem(f"{ruler.number}:  {ruler.length_mm:.1f} mm")
            item.setData(256, ruler.number)
            self.rulers.addItem(item)
        self.remove_button.setEnabled(bool(state.rulers))

    def chosen_structure(self) -> Structure:
        """Return what the brush paints."""
        return Structure(self.structure.currentData())

    def _build(self) -> None:
        for structure, name in _PAINT.items():
            self.structure.addItem(name, int(structure))
        self.structure.setToolTip("What the brush paints")
        self.structure.currentIndexChanged.connect(lambda _: self._paint_anew())
        self.search_button.setToolTip(
            "Searches nerves and vessels again from the moved landmarks; takes longer, "
            "and lets go of what was painted"
        )
        self.undo_button.setToolTip("Takes back the last landmark, stroke or ruler")
        self.remove_button.setToolTip("Takes the chosen ruler away")
        self.rulers.setToolTip("Lengths in mm; click one to go there")
        self.changes.setWordWrap(True)
        self.drag_button.toggled.connect(self.dragAsked)
        self.paint_button.toggled.connect(
            lambda on: self.paintAsked.emit(self.chosen_structure() if on else None)
        )
        self.ruler_button.toggled.connect(self.rulerAsked)
        self.search_button.clicked.connect(lambda: self.searchAsked.emit())
        self.undo_button.clicked.connect(lambda: self.undoAsked.emit())
        self.remove_button.clicked.connect(self._remove)
        self.rulers.itemClicked.connect(
            lambda item: self.rulerChosen.emit(item.data(256))
        )
        layout = QVBoxLayout(self)
        layout.addWidget(_box("Landmarks", (self.drag_button, self.search_button)))
        layout.addWidget(_box("Nerve and vessels", (self.paint_button, self.structure)))
        layout.addWidget(
            _box("Rulers", (self.ruler_button, self.remove_button), self.rulers)
        )
        layout.addWidget(self.changes)
        layout.addWidget(self.undo_button)
        layout.addStretch()

    def _paint_anew(self) -> None:
        if self.paint_button.isChecked():
            self.paintAsked.emit(self.chosen_structure())

    def _remove(self) -> None:
        item = self.rulers.currentItem()
        if item is not None:
            self.rulerRemoved.emit(item.data(256))


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


def _box(
    title: str, row: tuple[QWidget, ...], below: QWidget | None = None
) -> QGroupBox:
    box = QGroupBox(title)
    layout = QVBoxLayout(box)
    line = QHBoxLayout()
    for widget in row:
        line.addWidget(widget)
    layout.addLayout(line)
    if below is not None:
        layout.addWidget(below)
    return box
