"""Reading first: each side is rated before any overlay is shown."""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from nvc.model.anatomy import NerveSegment, Side
from nvc.model.review import Confidence, FirstRead, Rating, ReviewState
from nvc.summary import SEGMENT_NAME

_RATINGS = {
    Rating.CONTACT: "contact",
    Rating.NO_CONTACT: "no contact",
    Rating.CANNOT_SAY: "can't say",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedSide:
    """What a reader chose on one side."""

    side: Side
    rating: Rating
    confidence: Confidence
    segment: NerveSegment | None


class ReadPage(QWidget):
    """Emits one `RatedSide` at a time, and asks to reveal when both are there."""

    rated = Signal(object)
    revealAsked = Signal()
    lookAsked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.reader = QLineEdit()
        self.reader.setPlaceholderText("your name or initials")
        self.reader.setToolTip("Goes into the record with every rating and signature")
        self.sides = {side: _SideBox(side) for side in (Side.RIGHT, Side.LEFT)}
        self.reveal_button = QPushButton("Reveal the findings")
        self.reveal_button.setToolTip(
            "Shows what was measured. Your ratings cannot be changed after this."
        )
        self.reveal_button.clicked.connect(lambda: self.revealAsked.emit())
        told = QLabel(
            "Rate each side on the source images. Overlays, findings and file names "
            "stay hidden until both sides are rated; the symptomatic side is asked "
            "for after that."
        )
        told.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Reader", self.reader)
        both = QHBoxLayout()
        for side, box in self.sides.items():
            both.addWidget(box)
            box.record_button.clicked.connect(lambda _=False, s=side: self._record(s))
            box.look_button.clicked.connect(
                lambda _=False, s=side: self.lookAsked.emit(s)
            )
        layout = QVBoxLayout(self)
        layout.addWidget(told)
        layout.addLayout(form)
        layout.addLayout(both)
        layout.addWidget(self.reveal_button)
        layout.addStretch()

    def clear(self) -> None:
        """Choose nothing, for the next study or reader."""
        self.reader.clear()
        for box in self.sides.values():
            box.clear()

    def setState(self, state: ReviewState) -> None:
        """Show what is recorded, and allow what comes next."""
        for side, box in self.sides.items():
            box.setRecorded(state.first_reads.get(side))
            box.setEnabled(not state.is_revealed)
        self.reader.setEnabled(not state.is_revealed)
        if state.reader and not self.reader.text():
            self.reader.setText(state.reader)
        self.reveal_button.setEnabled(state.is_read and not state.is_revealed)
        shown = "The findings are shown" if state.is_revealed else "Reveal the findings"
        self.reveal_button.setText(shown)

    def _record(self, side: Side) -> None:
        value = self.sides[side].value()
        if value is not None:
            self.rated.emit(value)


class _SideBox(QGroupBox):
    """The ratings of one side; nothing is chosen to begin with."""

    def __init__(self, side: Side) -> None:
        super().__init__(f"Patient's {side}")
        self._side = side
        self.group = QButtonGroup(self)
        self.buttons = {r: QRadioButton(words) for r, words in _RATINGS.items()}
        self.segment = QComboBox()
        self.confidence = QComboBox()
        self.look_button = QPushButton("Look here")
        self.record_button = QPushButton("Record")
        self.recorded = QLabel("not rated")
        self.recorded.setWordWrap(True)
        self._build()

    def value(self) -> RatedSide | None:
        """Return what is chosen; None while something is missing."""
        chosen = [rating for rating, b in self.buttons.items() if b.isChecked()]
        sure = self.confidence.currentData()
        if not chosen or sure is None:
            return None
        where = self.segment.currentData() if chosen[0] is Rating.CONTACT else None
        return RatedSide(
            side=self._side,
            rating=chosen[0],
            confidence=Confidence(sure),
            segment=None if where is None else NerveSegment(where),
        )

    def clear(self) -> None:
        """Choose nothing."""
        self.group.setExclusive(False)
        for button in self.buttons.values():
            button.setChecked(False)
        self.group.setExclusive(True)
        self.segment.setCurrentIndex(0)
        self.confidence.setCurrentIndex(0)

    def choose(self, rating: Rating, confidence: Confidence) -> None:
        """Choose as a person would."""
        self.buttons[rating].setChecked(True)
        self.confidence.setCurrentIndex(self.confidence.findData(confidence.value))

    def setRecorded(self, read: FirstRead | None) -> None:
        """Show what is in the record."""
        if read is None:
            self.recorded.setText("not rated")
            return
        where = "" if read.segment is None else f", {SEGMENT_NAME[read.segment]}"
        self.recorded.setText(
            f"recorded: {_RATINGS[read.rating]}{where}, {read.confidence}"
        )

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        for rating, button in self.buttons.items():
            self.group.addButton(button)
            button.setToolTip(f"Between CN VII and a vessel: {_RATINGS[rating]}")
            button.toggled.connect(lambda _: self._allow())
            layout.addWidget(button)
        self.segment.addItem("where: not said", None)
        for segment, name in SEGMENT_NAME.items():
            self.segment.addItem(name, segment.value)
        self.segment.setToolTip("Where along the nerve the contact is")
        self.confidence.addItem("confidence: choose…", None)
        for confidence in Confidence:
            self.confidence.addItem(f"confidence: {confidence}", confidence.value)
        self.confidence.setToolTip("How sure you are")
        self.confidence.currentIndexChanged.connect(lambda _: self._allow())
        self.look_button.setToolTip("Go to this side's cerebellopontine angle")
        self.record_button.setToolTip(
            "Record this rating with the place of the crosshair"
        )
        for widget in (self.segment, self.confidence, self.look_button):
            layout.addWidget(widget)
        layout.addWidget(self.record_button)
        layout.addWidget(self.recorded)
        self._allow()

    def _allow(self) -> None:
        self.segment.setEnabled(self.buttons[Rating.CONTACT].isChecked())
        self.record_button.setEnabled(self.value() is not None)
