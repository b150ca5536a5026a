"""A reader's answers on other causes and on symptoms become steps of the record."""

from __future__ import annotations

from qtpy.QtCore import QObject

from napari_nvc.flow.corrections import Desk
from napari_nvc.pages.sign_page import SignPage
from nvc.model.review import RuleOut, SymptomaticSide


class Answers(QObject):
    """Takes down what is chosen and written on the page for signing.

    Parameters
    ----------
    page : SignPage
        Asks, and owns this object.
    desk : Desk
        Takes the steps.
    """

    def __init__(self, page: SignPage, desk: Desk) -> None:
        super().__init__(page)
        self._desk = desk
        page.ruledOut.connect(self._rule_out)
        page.historyTold.connect(self._tell_history)

    def _rule_out(self, name: str, answer: str | None) -> None:
        session = self._desk.session
        if session is not None:
            status = None if answer is None else RuleOut(answer)
            self._desk.attempt(lambda: session.rule_out(name, status))

    def _tell_history(self, symptomatic: SymptomaticSide, text: str) -> None:
        session = self._desk.session
        if session is not None:
            self._desk.attempt(lambda: session.tell_history(symptomatic, text))
