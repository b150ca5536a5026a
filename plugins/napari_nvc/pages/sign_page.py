"""Ruling out other causes, signing each side, and handing over."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nvc.model.anatomy import Side
from nvc.model.review import ReviewState, RuleOut, SymptomaticSide, Verdict
from nvc.report.wording import CHECKLIST
from nvc.summary import interval_text

_ANSWERS = {
    RuleOut.RULED_OUT: "ruled out",
    RuleOut.NOT_SEEN_HERE: "not seen on these sequences",
    RuleOut.PRESENT: "present",
}
_VERDICTS = {
    Verdict.AGREE: "agree",
    Verdict.DISAGREE: "disagree",
    Verdict.NOT_ASSESSABLE: "not assessable",
}
_OPEN = "choose…"


class SignPage(QWidget):
    """Emits answers, history and one side's verdict at a time; no default anywhere."""

    ruledOut = Signal(str, object)
    historyTold = Signal(object, str)
    signAsked = Signal(object, object, str)
    exportAsked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.answers = {name: _answer_box(hint) for name, hint in CHECKLIST}
        self.symptomatic = QComboBox()
        self.history = QLineEdit()
        self.history_button = QPushButton("Record")
        self.sides = {side: _VerdictBox(side) for side in (Side.RIGHT, Side.LEFT)}
        self.export_button = QPushButton("Hand over: page, pictures and tables…")
        self.dicom = QCheckBox("with DICOM (holds the patient's name)")
        self._build()

    def clear(self) -> None:
        """Choose nothing, for the next study or reader."""
        self.symptomatic.setCurrentIndex(0)
        self.history.clear()
        self.dicom.setChecked(False)
        for box in self.sides.values():
            box.verdict.setCurrentIndex(0)
            box.reason.clear()

    def setState(self, state: ReviewState) -> None:
        """Show what is recorded, and allow what comes next."""
        for name, box in self.answers.items():
            answer = state.rule_outs.get(name)
            box.blockSignals(True)
            box.setCurrentIndex(0 if answer is None else box.findData(answer.value))
            box.blockSignals(False)
            box.setEnabled(state.is_revealed)
        for widget in (self.symptomatic, self.history, self.history_button):
            widget.setEnabled(state.is_read)
        for verdict_box in self.sides.values():
            verdict_box.setState(state)
        self.export_button.setEnabled(state.is_revealed and not state.is_stale)

    def _build(self) -> None:
        for name, box in self.answers.items():
            box.currentIndexChanged.connect(
                lambda _, n=name, b=box: self.ruledOut.emit(n, b.currentData())
            )
        causes = QGroupBox("Other causes, looked for by the reader")
        form = QFormLayout(causes)
        for name, box in self.answers.items():
            label = QLabel(name)
            label.setWordWrap(True)
            form.addRow(label, box)
        self.symptomatic.addItem(_OPEN, None)
        for symptomatic in SymptomaticSide:
            self.symptomatic.addItem(symptomatic.value, symptomatic.value)
        self.symptomatic.setToolTip("Asked for only after both sides were rated")
        self.history.setPlaceholderText("history; no names, no dates")
        self.history.setToolTip("Goes into the record; write nothing that identifies")
        self.history_button.setToolTip("Records symptoms and history")
        self.history_button.clicked.connect(self._tell)
        told = QGroupBox("Symptoms and history, entered after reading")
        line = QHBoxLayout(told)
        for widget in (self.symptomatic, self.history, self.history_button):
            line.addWidget(widget)
        both = QHBoxLayout()
        for side, verdict_box in self.sides.items():
            both.addWidget(verdict_box)
            verdict_box.button.clicked.connect(lambda _=False, s=side: self._sign(s))
        self.export_button.setToolTip("Writes the report and the signed record")
        self.export_button.clicked.connect(lambda: self.exportAsked.emit())
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.addWidget(causes)
        layout.addWidget(told)
        layout.addLayout(both)
        self.dicom.setToolTip(
            "Also writes a segmentation and a structured report into the DICOM study"
        )
        layout.addWidget(self.dicom)
        layout.addWidget(self.export_button)
        layout.addStretch()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _tell(self) -> None:
        chosen = self.symptomatic.currentData()
        if chosen is not None:
            self.historyTold.emit(SymptomaticSide(chosen), self.history.text())

    def _sign(self, side: Side) -> None:
        box = self.sides[side]
        chosen = box.verdict.currentData()
        if chosen is not None:
            self.signAsked.emit(side, Verdict(chosen), box.reason.text())


class _VerdictBox(QGroupBox):
    """The verdict on one side."""

    def __init__(self, side: Side) -> None:
        super().__init__(f"Patient's {side}")
        self._side = side
        self.proposed = QLabel()
        self.proposed.setWordWrap(True)
        self.verdict = QComboBox()
        self.verdict.addItem(_OPEN, None)
        for verdict, words in _VERDICTS.items():
            self.verdict.addItem(words, verdict.value)
        self.verdict.setToolTip("Your word on what was measured; there is no default")
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("reason, where you differ")
        self.reason.setToolTip("Needed unless you agree")
        self.button = QPushButton(f"Sign the {side}")
        self.button.setToolTip("Signs this side with your name and the time")
        self.signed = QLabel("not signed")
        self.signed.setWordWrap(True)
        layout = QVBoxLayout(self)
        for widget in (self.proposed, self.verdict, self.reason, self.button):
            layout.addWidget(widget)
        layout.addWidget(self.signed)
        self.verdict.currentIndexChanged.connect(
            lambda _: self.button.setEnabled(self.verdict.currentData() is not None)
        )

    def setState(self, state: ReviewState) -> None:
        """Show the signature in force, if there is one."""
        for widget in (self.verdict, self.reason):
            widget.setEnabled(state.is_revealed)
        self.button.setEnabled(
            state.is_revealed and self.verdict.currentData() is not None
        )
        if state.is_revealed and state.proposal is not None:
            found = state.proposal.sides[self._side]
            gap, told = found["distance_mm"], "no gap measured"
            if gap is not None:
                least = found.get("resolved_mm")
                told = interval_text(gap, tuple(found["distance_ci_mm"]), least)
            flag = str(found["flag"]).replace("_", " ")
            self.proposed.setText(f"Measured: {flag}, {told}")
        else:
            self.proposed.setText("")
        signature = state.signatures.get(self._side)
        if signature is None:
            self.signed.setText("not signed")
            self.signed.setStyleSheet("")
        else:
            self.signed.setText(
                f"\N{CHECK MARK} {_VERDICTS[signature.verdict]}, {signature.reader}, "
                f"{signature.time[:16].replace('T', ' ')} UTC, "
                f"version {signature.version}"
            )
            self.signed.setStyleSheet("color: #30d158; font-weight: bold;")


def _answer_box(hint: str) -> QComboBox:
    box = QComboBox()
    box.addItem(_OPEN, None)
    for answer, words in _ANSWERS.items():
        box.addItem(words, answer.value)
    box.setToolTip(hint)
    return box
