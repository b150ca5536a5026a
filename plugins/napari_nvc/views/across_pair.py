"""Both nerves cut across, the patient's right on the left, at one distance.

A reader compares sides: sliding one cut takes the other to the same distance from its
own root detachment.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QWidget

from napari_nvc.views.across_view import AcrossView
from nvc.model.anatomy import Side

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.model.space import Point
    from nvc.model.stages import Segmentation


class AcrossPair(QWidget):
    """The cuts across the nerve of either side."""

    placed = Signal(object, object)
    """The side that was slid, and where its cut is, true RAS mm."""

    def __init__(self) -> None:
        super().__init__()
        self.views = {side: AcrossView(side) for side in (Side.RIGHT, Side.LEFT)}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for side, view in self.views.items():
            layout.addWidget(view)
            view.placed.connect(partial(self._placed, side))

    def clear(self) -> None:
        """Show nothing, as before the findings are revealed."""
        for view in self.views.values():
            view.clear()

    def show_nerves(self, volume: Volume, found: Segmentation) -> None:
        """Follow the nerves of both sides, true RAS mm, through a volume."""
        for view in self.views.values():
            view.show_nerve(volume, found)

    def go_near(self, side: Side, point_mm: Point) -> None:
        """Cut one nerve nearest to a point, true RAS mm, and the other as far out."""
        chosen, other = self.views[side], self.views[side.other]
        chosen.go_near(np.array(point_mm))
        other.go_along(chosen.along_mm)

    def _placed(self, side: Side, point_mm: Point) -> None:
        self.views[side.other].go_along(self.views[side].along_mm)
        self.placed.emit(side, point_mm)
