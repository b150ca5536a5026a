"""Corrections on the canvas: dragged landmarks, painted labels, rulers, undo.

Layers hold places in the viewer's axes, (S, A, R) in mm; the record true RAS mm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial
from typing import Any, Protocol
from weakref import WeakSet

import numpy as np
from napari.layers import Labels, Layer, Points
from napari.layers.base import ActionType
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer

from napari_nvc.flow.docking import find_tool_dock
from napari_nvc.flow.hand import Hand
from napari_nvc.pages.correct_page import CorrectPage
from napari_nvc.shown.label_edits import carry_stroke
from napari_nvc.shown.layers import (
    AXIS_LABELS,
    LANDMARKS,
    STRUCTURES,
    from_viewer,
    to_viewer,
)
from napari_nvc.shown.study import Reviewed, paint_labels
from napari_nvc.views.linked_views import RULER_COLOUR, LinkedViews
from nvc.errors import NotSavedError, ReviewError
from nvc.model.anatomy import Side, Structure
from nvc.model.grid import Volume
from nvc.model.review import Event, ReviewState, Ruler
from nvc.model.space import Point
from nvc.reviews.session import ReviewSession
from nvc.reviews.strokes import pack_stroke
from nvc.reviews.undo import undo

RULERS = "Rulers"
_SETTLE_MS = 250
"""Measuring begins this long after the last change, and what napari does to labels
without a stroke of the brush (its own undo) is written then."""
_MOVED_MM = 1e-6
_MOVING = (ActionType.CHANGING, ActionType.ADDING, ActionType.REMOVING)


class _Taken(Enum):
    """What became of a correction."""

    YES = auto()
    REFUSED = auto()
    NOT_SAVED = auto()


class Desk(Protocol):
    """The review that is open, and how a step of it is taken."""

    @property
    def session(self) -> ReviewSession | None:
        """The record that is written; None while no study is open."""

    def attempt(self, step: Callable[[], object]) -> bool:
        """Take a step that may be refused; tell whether it was taken."""

    def tell(self, message: str) -> None:
        """Show one line to the reader."""

    def measure_again(self) -> None:
        """Measure with the corrections of the record."""


class Corrections(QObject):
    """Turns what a reader does to layers into steps of the record.

    A drag and a stroke are written when the button is let go, before anything else is
    done. What cannot be is taken back; what cannot be written stays on show as not
    saved, and is tried again with the next change.

    Parameters
    ----------
    views : LinkedViews
        Whose layers are dragged, painted and clicked.
    page : CorrectPage
        Asks for corrections, and owns this object.
    desk : Desk
        Takes the steps.
    """

    def __init__(self, views: LinkedViews, page: CorrectPage, desk: Desk) -> None:
        super().__init__(page)
        self.hand = Hand(self)
        self.is_unsaved = False
        self._views = views
        self._page = page
        self._desk = desk
        self._on: Reviewed | None = None
        self._by_hand = True
        self._to_measure = False
        self._landmarks = np.empty((0, 3))
        self._shown = np.empty((0, 0, 0), dtype=np.uint8)
        self._watched: WeakSet[Layer] = WeakSet()
        self._ruler_start: Point | None = None
        self._rulers: tuple[Ruler, ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.take_up)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(0)
        self._late.timeout.connect(lambda: self.hand.when_free(self.take_open))
        page.dragAsked.connect(self._drag)
        page.paintAsked.connect(self._paint)
        page.rulerAsked.connect(self._ruler)
        page.rulerChosen.connect(self._go_to_ruler)
        page.rulerRemoved.connect(self._remove_ruler)
        page.undoAsked.connect(self.undo)
        views.clicked.connect(self._clicked)

    @contextmanager
    def not_by_hand(self) -> Iterator[None]:
        """Take nothing that happens to the layers in the block for a reader's doing."""
        before, self._by_hand = self._by_hand, False
        try:
            yield
        finally:
            self._by_hand = before

    def follow(self, reviewed: Reviewed) -> None:
        """Watch the layers of new findings, which are on show now."""
        self._on = reviewed
        landmarks, labels = self._points(), self._labels()
        if landmarks is not None:
            self._landmarks = np.array(landmarks.data)
            if self._is_new(landmarks):
                landmarks.events.data.connect(self._moved)
            self._drag(self._page.drag_button.isChecked())
        if labels is not None:
            self._shown = np.array(labels.data)
            if self._is_new(labels):
                labels.events.paint.connect(self._painted)
                for happens in (labels.events.set_data, labels.events.labels_update):
                    happens.connect(self._settle_soon)
            if self._page.paint_button.isChecked():
                self._paint(self._page.chosen_structure())

    def take_up(self) -> None:
        """Record what was moved or painted since, and measure again."""
        self.hand.when_free(self._take_up)

    def take_open(self) -> None:
        """Record what was moved or painted since."""
        self.is_unsaved = False
        self._take_landmarks()
        self._take_labels()

    def _take_up(self) -> None:
        self.take_open()
        if self._to_measure:
            self._to_measure = False
            self._desk.measure_again()

    def _is_new(self, layer: Layer) -> bool:
        """Tell whether a layer is not watched yet: it is written to again and again."""
        if layer in self._watched:
            return False
        self._watched.add(layer)
        self.hand.watch(layer)
        return True

    def _moved(self, event: Any) -> None:
        """A drag has ended: napari tells of it once, at the release."""
        if self._by_hand and event.action not in _MOVING:
            self.take_open()
            self._settle.start()

    def _painted(self, _: Any) -> None:
        """A stroke has ended; of a polygon napari tells just before it is filled."""
        if self._by_hand:
            self.take_open()
            self._settle.start()
            if not self.hand.is_down:
                self._late.start()

    def _settle_soon(self, _: Any) -> None:
        if self._by_hand:
            self._settle.start()

    def undo(self) -> None:
        """Take the last change back and measure again."""
        session = self._desk.session
        if session is None:
            return
        self.take_open()
        done: list[Event | None] = []
        if not self._desk.attempt(lambda: done.append(undo(session))):
            return
        if not done or done[0] is None:
            self._desk.tell("There is nothing to take back.")
        elif session.state.is_stale:
            self._desk.measure_again()

    def show_rulers(self, state: ReviewState) -> None:
        """Draw the rulers of the record."""
        if state.rulers == self._rulers:
            return
        self._rulers = state.rulers
        if not state.rulers:
            self._views.remove(RULERS)
            return
        ends = [(to_viewer(r.start_mm), to_viewer(r.end_mm)) for r in state.rulers]
        # A half from either end: napari shows a line in the slice where it starts, and
        # the ends may lie in different slices.
        vectors = np.array(
            [[a, (b - a) / 2] for ends_ in ends for a, b in (ends_, ends_[::-1])]
        )
        texts = [f"{r.number}: {r.length_mm:.1f} mm" for r in state.rulers]
        options = {
            "name": RULERS,
            "features": {"name": np.repeat(texts, 2)},
            "edge_width": 0.3,
            "edge_color": RULER_COLOUR,
            "vector_style": "line",
            "axis_labels": AXIS_LABELS,
            "units": ("mm",) * 3,
        }
        self._views.add((vectors, options, "vectors"))

    def stop(self) -> None:
        """Record what is open, a stroke or a drag that has not ended too."""
        self._settle.stop()
        self._late.stop()
        self.take_open()

    def forget(self) -> None:
        """Let go of what was on show: another study comes."""
        self._on, self._to_measure = None, False

    def _points(self) -> Points | None:
        layer = self._views.find_layer(LANDMARKS)
        return layer if isinstance(layer, Points) else None

    def _labels(self) -> Labels | None:
        layer = self._views.find_layer(STRUCTURES)
        return layer if isinstance(layer, Labels) else None

    def _take_landmarks(self) -> None:
        layer, session, on = self._points(), self._desk.session, self._on
        if layer is None or session is None or on is None:
            return
        data = np.array(layer.data)
        if data.shape != self._landmarks.shape:
            self._desk.tell("Landmarks can be moved, not added or taken away.")
            self._put_back(layer, self._landmarks)
            return
        back = data.copy()
        for n in np.flatnonzero(np.abs(data - self._landmarks).max(axis=1) > _MOVED_MM):
            taken = self._take(partial(self._move, session, on, layer, int(n)))
            if taken is _Taken.YES:
                self._landmarks[n] = data[n]
            elif taken is _Taken.REFUSED:
                back[n] = self._landmarks[n]
        if not np.array_equal(back, data):
            self._put_back(layer, back)

    def _move(
        self, session: ReviewSession, on: Reviewed, layer: Points, number: int
    ) -> None:
        """Record where a landmark was dragged to, if it can lie there."""
        from nvc.reviews.possible import require_possible_move  # needs the pipeline

        side = Side(layer.features["side"].iloc[number])
        name = str(layer.features["landmark"].iloc[number])
        place_mm = from_viewer(np.asarray(layer.data)[number])
        require_possible_move(on.found, session.state, side, name, place_mm)
        session.move_landmark(side, name, place_mm)

    def _take_labels(self) -> None:
        layer, session, on = self._labels(), self._desk.session, self._on
        grid = self._views.grid
        if layer is None or session is None or on is None or grid is None:
            return
        after = np.array(layer.data, dtype=np.uint8)
        if after.shape != self._shown.shape or np.array_equal(after, self._shown):
            return

        def paint() -> None:
            from nvc.reviews.possible import require_possible_stroke

            if on.state.search_landmarks != session.state.search_landmarks:
                raise ReviewError(
                    "the nerves are to be followed anew: paint once that is shown"
                )
            labels = paint_labels(on.found, session.state)
            voxels = carry_stroke(self._shown, after, grid, labels)
            change = pack_stroke(np.asarray(labels.voxels, dtype=np.uint8), voxels)
            painted = Volume(grid=labels.grid, voxels=voxels)
            require_possible_stroke(on.found, labels, painted)
            session.paint(change)

        taken = self._take(paint)
        if taken is _Taken.YES:
            self._shown = after
        elif taken is _Taken.REFUSED:  # what was refused does not stay on the screen
            self._put_back(layer, self._shown)

    def _take(self, step: Callable[[], None]) -> _Taken:
        """Take a step of the record, and tell what became of it."""
        failed: list[NotSavedError] = []

        def watched() -> None:
            try:
                step()
            except NotSavedError as error:
                failed.append(error)
                self.is_unsaved = True
                raise

        if self._desk.attempt(watched):
            self._to_measure = True
            return _Taken.YES
        if failed:
            told = "It stays on show and is tried again with the next change."
            self._desk.tell(f"NOT SAVED: {failed[0]} {told}")
            return _Taken.NOT_SAVED
        return _Taken.REFUSED

    def _put_back(self, layer: Points | Labels, data: NDArray[Any]) -> None:
        with self.not_by_hand():
            layer.data = data.copy()

    def _drag(self, on: bool) -> None:
        layer = self._points()
        if layer is None:
            return
        self._select(layer if on else None)
        layer.mode = "select" if on else "pan_zoom"

    def _paint(self, structure: Structure | None) -> None:
        layer = self._labels()
        if layer is None:
            return
        self._select(None if structure is None else layer)
        self._show_tools(structure is not None)
        if structure is None:
            layer.mode = "pan_zoom"
        elif structure is Structure.BACKGROUND:
            layer.mode = "erase"
        else:
            layer.selected_label = int(structure)
            layer.mode = "paint"
        layer.brush_size = 2

    def _select(self, layer: Layer | None) -> None:
        selection = self._views.viewer.layers.selection
        selection.clear()
        if layer is not None:
            selection.active = layer

    def _show_tools(self, on: bool) -> None:
        """Show napari's own brush, eraser and undo while painting."""
        dock = find_tool_dock(self._page, "layer controls")
        if dock is not None:
            dock.setVisible(on)

    def _ruler(self, on: bool) -> None:
        self._ruler_start = None
        if on:
            self._desk.tell("Click one end of the ruler, then the other.")

    def _clicked(self, point_mm: Point) -> None:
        session = self._desk.session
        if session is None or not self._page.ruler_button.isChecked():
            return
        start = self._ruler_start
        if start is None:
            self._ruler_start = point_mm
            return
        self._page.ruler_button.setChecked(False)
        if self._desk.attempt(lambda: session.add_ruler(start, point_mm)):
            length = session.state.rulers[-1].length_mm
            self._desk.tell(f"{length:.1f} mm")

    def _go_to_ruler(self, number: int) -> None:
        for ruler in self._rulers:
            if ruler.number == number:
                self._views.go_to(ruler.start_mm)

    def _remove_ruler(self, number: int) -> None:
        session = self._desk.session
        if session is not None:
            self._desk.attempt(lambda: session.remove_ruler(number))
