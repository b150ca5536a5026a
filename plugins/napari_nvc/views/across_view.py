"""The plane across CN VII, sliding along it: the cut that shows nerve and vessel round.

Sampled from the source volume itself at true RAS mm, so an oblique scan is cut as it
was acquired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QSlider, QVBoxLayout, QWidget

from napari_nvc.shown.layers import EdgeLetters
from napari_nvc.shown.plane_image import PlanePicture
from napari_nvc.views.plane_view import Mark, PlaneCanvas
from nvc.pages.planes import Plane, lay_across
from nvc.sampling import Sampler, crop
from nvc.tubes.curve import interpolate, unit

if TYPE_CHECKING:
    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import Segmentation

_WIDTH_MM = 16.0
_PIXEL_MM = 0.125
_STEP_MM = 0.1
_REACH_MM = 1.5
_SMOOTH_MM = 1.0
_PERCENTILES = (1.0, 99.5)
_VESSEL_COLOUR = "#ff453a"


class AcrossView(QWidget):
    """A cut across the nerve of one side, and a slider along the nerve."""

    placed = Signal(object)
    """Where the cut is, true RAS mm."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.side = side
        self.canvas = PlaneCanvas(f"VII {side}")
        self.canvas.empty_text = "Across the nerve: shown once the findings are."
        self.canvas.setToolTip(
            f"The plane across CN VII on the patient's {side}, in mm from the root "
            "detachment. Move the slider to slide it."
        )
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip(
            "Slide the plane along the nerve, brainstem to canal; the other side's "
            "goes to the same distance"
        )
        self._sampler: Sampler | None = None
        self._window = (0.0, 1.0)
        self._course = np.empty((0, 3))
        self._along = np.empty(0)
        self._zero_mm = 0.0
        self._axes = np.eye(3)
        self._segmentation: Segmentation | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.slider)
        self.slider.valueChanged.connect(self._slid)
        self.clear()

    def clear(self) -> None:
        """Show nothing, as before the findings are revealed."""
        self.canvas.picture = None
        self.canvas.caption = ""
        self.slider.setEnabled(False)
        self._sampler = None
        self.canvas.update()

    @property
    def along_mm(self) -> float:
        """Where the plane is, from the root detachment towards the canal."""
        return self.slider.value() * _STEP_MM - self._zero_mm

    def show_nerve(self, volume: Volume, found: Segmentation) -> None:
        """Follow this side's nerve, true RAS mm, in a volume; clears without one."""
        nerves = found.sides.get(self.side)
        tube = nerves.facial if nerves is not None else None
        if nerves is None or tube is None or len(tube.points_mm) < 2:
            self.clear()
            return
        near = crop(volume, tube.points_mm, _WIDTH_MM)
        low, high = np.percentile(np.asarray(near.voxels), _PERCENTILES).tolist()
        self._window = (low, max(high, low + 1e-6))
        self._sampler = Sampler.over(near, outside=low)
        self._axes = volume.grid.axes_ras
        self._segmentation = found
        self._course, self._along = tube.points_mm, tube.arc_length_mm()
        self._zero_mm = 0.0
        detachment = nerves.landmarks.root_detachment_mm
        if detachment is not None:
            apart = np.linalg.norm(self._course - detachment, axis=1)
            self._zero_mm = float(self._along[int(np.argmin(apart))])
        self.slider.blockSignals(True)
        self.slider.setRange(0, int(self._along[-1] / _STEP_MM))
        self.slider.blockSignals(False)
        self.slider.setEnabled(True)
        self.redraw()

    def go_near(self, point_mm: NDArray[np.float64]) -> None:
        """Slide to the place on the nerve nearest to a point, true RAS mm."""
        if self._sampler is None:
            return
        apart = np.linalg.norm(self._course - np.asarray(point_mm), axis=1)
        self.go_along(float(self._along[int(np.argmin(apart))]) - self._zero_mm)

    def go_along(self, along_mm: float) -> None:
        """Slide to a distance from the root detachment, or as near as there is."""
        if self._sampler is None:
            return
        value = round((along_mm + self._zero_mm) / _STEP_MM)
        self.slider.blockSignals(True)
        self.slider.setValue(value)
        self.slider.blockSignals(False)
        self.redraw()

    def redraw(self) -> None:
        """Cut the volume where the slider stands."""
        if self._sampler is None:
            return
        at = self.slider.value() * _STEP_MM
        plane = lay_across(self._centre(at), self._direction(at), self._axes, _WIDTH_MM)
        grey = self._sampler(plane.points_mm(_PIXEL_MM))
        low, high = self._window
        shade = (np.clip((grey - low) / (high - low), 0, 1) * 255).astype(np.uint8)
        half = _WIDTH_MM / 2 - _PIXEL_MM / 2
        self.canvas.picture = PlanePicture(
            pixels=np.ascontiguousarray(np.repeat(shade[..., None], 3, axis=2)),
            step_mm=(_PIXEL_MM, _PIXEL_MM),
            corner_mm=(half, half),
        )
        letters = plane.letters(self._axes)
        self.canvas.letters = EdgeLetters(**letters)
        self.canvas.marks = self._marks(plane)
        self.canvas.caption = f"{self.along_mm:+.1f} mm"
        side = max(self.canvas.width(), self.canvas.height())
        self.canvas.pixels_per_mm = max(side / _WIDTH_MM, 4.0)
        self.canvas.update()

    def _slid(self) -> None:
        self.redraw()
        x, y, z = self._centre(self.slider.value() * _STEP_MM).tolist()
        self.placed.emit((x, y, z))

    def _centre(self, at_mm: float) -> NDArray[np.float64]:
        return interpolate(at_mm, self._along, self._course)

    def _direction(self, at_mm: float) -> NDArray[np.float64]:
        ends = np.clip([at_mm - _SMOOTH_MM, at_mm + _SMOOTH_MM], 0, self._along[-1])
        return unit(self._centre(ends[1]) - self._centre(ends[0]))

    def _marks(self, plane: Plane) -> list[Mark]:
        """Mark the nerve's centre, and each vessel where it passes the plane."""
        marks = [Mark(place_mm=(0.0, 0.0), text="VII", colour="#ffd60a")]
        for vessel in self._segmentation.vessels if self._segmentation else ():
            seen = plane.project(vessel.tube.points_mm)
            near = np.abs(seen).max(axis=1) < _WIDTH_MM / 2
            if near.any():
                nearest = seen[near][int(np.argmin(np.abs(seen[near][:, 2])))]
                if abs(nearest[2]) < _REACH_MM:
                    place = (float(nearest[1]), float(-nearest[0]))
                    name = vessel.name or ""
                    marks.append(Mark(place_mm=place, text=name, colour=_VESSEL_COLOUR))
        return marks
