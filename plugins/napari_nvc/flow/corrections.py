"""Corrections on the canvas: dragged landmarks, painted labels, rulers, undo.

Layers hold places in the viewer's axes, (S, A, R) in mm; the record true RAS mm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol
from weakref import WeakSet

import numpy as np
from napari.layers import Labels, Layer, Points
from qtpy.QtCore import QObject, QTimer

from napari_nvc.flow.docking import find_tool_dock
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
from nvc.model.anatomy import Side, Structure
from nvc.model.grid import Volume
from nvc.model.review import Event, ReviewState, Ruler
from nvc.model.space import Point
from nvc.reviews.session import ReviewSession
from nvc.reviews.strokes import pack_stroke
from nvc.reviews.undo import undo

RULERS = "Rulers"
_SETTLE_MS = 250
"""A stroke or a drag is taken up this long after its last movement."""
_MOVED_MM = 1e-6


class Desk(Protocol):
    """The review that is open, and how a step of it is taken."""

    @property
    def session(self) -> ReviewSession | None:
        """The record that is written; None while no study is open."""

    @property
    def reviewed(self) -> Reviewed | None:
        """What was measured last, shown or not."""

    def attempt(self, step: Callable[[], object]) -> bool:
        """Take a step that may be refused; tell whether it was taken."""

    def tell(self, message: str) -> None:
        """Show one line to the reader."""

    def measure_again(self) -> None:
        """Measure with the corrections of the record."""


class Corrections(QObject):
    """Turns what a reader does to layers into steps of the record.

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
        self._views = views
        self._page = page
        self._desk = desk
        self._landmarks = np.empty((0, 3))
        self._shown = np.empty((0, 0, 0), dtype=np.uint8)
        self._watched: WeakSet[Layer] = WeakSet()
        self._ruler_start: Point | None = None
        self._rulers: tuple[Ruler, ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.take_up)
        page.dragAsked.connect(self._drag)
        page.paintAsked.connect(self._paint)
        page.rulerAsked.connect(self._ruler)
        page.rulerChosen.connect(self._go_to_ruler)
        page.rulerRemoved.connect(self._remove_ruler)
        page.undoAsked.connect(self.undo)
        views.clicked.connect(self._clicked)

    def follow(self) -> None:
        """Watch the layers of new findings."""
        landmarks, labels = self._points(), self._labels()
        if landmarks is not None:
            self._landmarks = np.array(landmarks.data)
            self._watch(landmarks, ("data",))
            self._drag(self._page.drag_button.isChecked())
        if labels is not None:
            self._shown = np.array(labels.data)
            self._watch(labels, ("paint", "set_data", "labels_update"))
            if self._page.paint_button.isChecked():
                self._paint(self._page.chosen_structure())

    def _watch(self, layer: Layer, names: tuple[str, ...]) -> None:
        """Settle after what happens to a layer; it is written to again and again."""
        if layer in self._watched:
            return
        self._watched.add(layer)
        for name in names:
            getattr(layer.events, name).connect(lambda _: self._settle.start())

    def take_up(self) -> None:
        """Record what was moved or painted since, and measure again."""
        if self.take_open():
            self._desk.measure_again()

    def take_open(self) -> bool:
        """Record what was moved or painted since; tell whether there was anything."""
        self._settle.stop()
        return self._take_landmarks() | self._take_labels()

    def undo(self) -> None:
        """Take the last change back and measure again."""
        session = self._desk.session
        if session is None:
            return
        if self._settle.isActive():
            self.take_up()
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
        """Take up what is open and watch no longer."""
        if self._settle.isActive():
            self.take_open()

    def _points(self) -> Points | None:
        layer = self._views.find_layer(LANDMARKS)
        return layer if isinstance(layer, Points) else None

    def _labels(self) -> Labels | None:
        layer = self._views.find_layer(STRUCTURES)
        return layer if isinstance(layer, Labels) else None

    def _take_landmarks(self) -> bool:
        layer, session = self._points(), self._desk.session
        if layer is None or session is None:
            return False
        data = np.array(layer.data)
        if data.shape != self._landmarks.shape:
            self._desk.tell("Landmarks can be moved, not added or taken away.")
            layer.data = self._landmarks
            return False
        before, self._landmarks = self._landmarks, data
        moved = np.flatnonzero(np.abs(data - before).max(axis=1) > _MOVED_MM)
        taken = [self._desk.attempt(partial(self._move, layer, int(n))) for n in moved]
        refused = moved[[not own for own in taken]]
        if refused.size:  # a landmark that may not lie there goes back
            self._landmarks = data.copy()
            self._landmarks[refused] = before[refused]
            layer.data = self._landmarks
        return any(taken)

    def _move(self, layer: Points, number: int) -> None:
        """Record where a landmark was dragged to, if it can lie there."""
        from nvc.reviews.possible import require_possible_move  # needs the pipeline

        session, reviewed = self._desk.session, self._desk.reviewed
        if session is None or reviewed is None:
            return
        side = Side(layer.features["side"].iloc[number])
        name = str(layer.features["landmark"].iloc[number])
        place_mm = from_viewer(np.asarray(layer.data)[number])
        require_possible_move(reviewed.found, session.state, side, name, place_mm)
        session.move_landmark(side, name, place_mm)

    def _take_labels(self) -> bool:
        layer, session = self._labels(), self._desk.session
        reviewed, grid = self._desk.reviewed, self._views.grid
        if layer is None or session is None or reviewed is None or grid is None:
            return False
        after = np.array(layer.data, dtype=np.uint8)
        if after.shape != self._shown.shape or np.array_equal(after, self._shown):
            return False
        labels = paint_labels(reviewed.found, session.state)
        voxels = carry_stroke(self._shown, after, grid, labels)
        before, self._shown = self._shown, after
        change = pack_stroke(np.asarray(labels.voxels, dtype=np.uint8), voxels)
        if not change["count"]:
            return False

        def paint() -> None:
            from nvc.reviews.possible import require_possible_stroke

            painted = Volume(grid=labels.grid, voxels=voxels)
            require_possible_stroke(reviewed.found, labels, painted)
            session.paint(change)

        if self._desk.attempt(paint):
            return True
        self._shown = before  # what was refused does not stay on the screen
        layer.data = before.copy()
        return False

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
