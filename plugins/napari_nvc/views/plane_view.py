"""A plane beside napari's canvas: picture, crosshair, letters, scale bar and place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_nvc.shown.crosshair import CROSSHAIR_COLOUR
from napari_nvc.shown.layers import AXIS_LABELS, PLANES, EdgeLetters, letter_edges
from napari_nvc.shown.plane_image import PlanePicture

_GAP_PIXELS = 14.0
_SCALE_BARS_MM = (20.0, 10.0, 5.0, 2.0)
_SCALE_BAR_SHARE = 0.36
"""At most this much of the width: clear of the letter in the middle."""
_MARK_PIXELS = 4.0
_LINE_PIXELS = 13.0
_ZOOM_LIMITS = (1.0, 60.0)
_WHEEL_STEP = 1.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A named place to be drawn on a plane.

    Parameters
    ----------
    place_mm : tuple of float
        Vertical and horizontal, in the plane's own mm.
    text, colour : str
        Beside it, and of it.
    """

    place_mm: tuple[float, float]
    text: str
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneLine:
    """A straight line to be drawn on a plane, its text at the start.

    Parameters
    ----------
    start_mm, stop_mm : tuple of float
        Vertical and horizontal, in the plane's own mm.
    text, colour : str
        Beside it, and of it.
    """

    start_mm: tuple[float, float]
    stop_mm: tuple[float, float]
    text: str
    colour: str


class PlaneCanvas(QWidget):
    """A picture in mm with everything that a reader needs on it.

    Up and left are the positive directions of its two axes, and a place on it is given
    in this order, in mm; what they are in the head is for its owner to know.
    """

    clicked = Signal(float, float)
    """The place under the mouse: up and left, mm."""
    wheeled = Signal(int)
    """By how many slices, towards the positive end."""
    dragged = Signal(float, float, bool)
    """Pixels along and up since a right drag began, and whether it begins."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.picture: PlanePicture | None = None
        self.letters = EdgeLetters(left="", right="", top="", bottom="")
        self.cross_mm: tuple[float, float] | None = None
        self.centre_mm = (0.0, 0.0)
        self.marks: list[Mark] = []
        self.lines: list[PlaneLine] = []
        self.caption = ""
        self.pixels_per_mm = 5.0
        self.empty_text = ""
        self._pressed: QPointF | None = None
        self.setMinimumSize(150, 130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def to_screen(self, place_mm: tuple[float, float]) -> QPointF:
        """Return where a place, mm, lies on the widget, in pixels."""
        up = (place_mm[0] - self.centre_mm[0]) * self.pixels_per_mm
        left = (place_mm[1] - self.centre_mm[1]) * self.pixels_per_mm
        return QPointF(self.width() / 2 - left, self.height() / 2 - up)

    def to_place(self, at: QPointF) -> tuple[float, float]:
        """Return the place, mm, under a point of the widget, in pixels."""
        up = (self.height() / 2 - at.y()) / self.pixels_per_mm
        left = (self.width() / 2 - at.x()) / self.pixels_per_mm
        return (self.centre_mm[0] + up, self.centre_mm[1] + left)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw everything anew: a few milliseconds."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("black"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.picture is None:
            painter.setPen(QColor("#9aa0a6"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            inner = self.rect().adjusted(14, 20, -14, -20)
            painter.drawText(inner, flags, self.empty_text)
        else:
            self._draw_picture(painter, self.picture)
            self._draw_lines(painter)
            self._draw_marks(painter)
            self._draw_cross(painter)
            self._draw_letters(painter)
            self._draw_scale_bar(painter)
        if self.picture is not None or not self.empty_text:
            self._draw_caption(painter)
        painter.end()

    def _draw_picture(self, painter: QPainter, picture: PlanePicture) -> None:
        rows, columns = picture.pixels.shape[:2]
        image = QImage(
            picture.pixels.tobytes(),
            columns,
            rows,
            3 * columns,
            QImage.Format.Format_RGB888,
        )
        high, wide = picture.step_mm
        top, left = picture.corner_mm
        corner = self.to_screen((top + high / 2, left + wide / 2))
        scale = self.pixels_per_mm
        target = QRectF(
            corner.x(), corner.y(), columns * wide * scale, rows * high * scale
        )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)

    def _draw_marks(self, painter: QPainter) -> None:
        painter.setFont(_font(8))
        written: list[QPointF] = []
        for mark in self.marks:
            at = self.to_screen(mark.place_mm)
            if not self.rect().contains(at.toPoint()):
                continue
            painter.setPen(QPen(QColor(mark.colour), 1.5))
            painter.drawEllipse(at, _MARK_PIXELS, _MARK_PIXELS)
            beside = QPointF(at.x() + 1.5 * _MARK_PIXELS, at.y() - _MARK_PIXELS)
            # Words on words cannot be read: the first one stays.
            free = all(abs(beside.y() - other.y()) > _LINE_PIXELS for other in written)
            if mark.text and free:
                painter.setPen(QColor("black"))
                painter.drawText(beside + QPointF(1.0, 1.0), mark.text)
                painter.setPen(QColor(mark.colour))
                painter.drawText(beside, mark.text)
                written.append(beside)

    def _draw_lines(self, painter: QPainter) -> None:
        painter.setFont(_font(8))
        for line in self.lines:
            painter.setPen(QPen(QColor(line.colour), 2.0))
            start = self.to_screen(line.start_mm)
            painter.drawLine(start, self.to_screen(line.stop_mm))
            painter.drawText(start + QPointF(5.0, _LINE_PIXELS), line.text)

    def _draw_cross(self, painter: QPainter) -> None:
        if self.cross_mm is None:
            return
        at = self.to_screen(self.cross_mm)
        painter.setPen(QPen(QColor(CROSSHAIR_COLOUR), 1.0))
        for start, stop in (
            (QPointF(0, at.y()), QPointF(at.x() - _GAP_PIXELS, at.y())),
            (QPointF(at.x() + _GAP_PIXELS, at.y()), QPointF(self.width(), at.y())),
            (QPointF(at.x(), 0), QPointF(at.x(), at.y() - _GAP_PIXELS)),
            (QPointF(at.x(), at.y() + _GAP_PIXELS), QPointF(at.x(), self.height())),
        ):
            painter.drawLine(start, stop)

    def _draw_letters(self, painter: QPainter) -> None:
        painter.setFont(_font(12, bold=True))
        centre, middle = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignVCenter
        inner = self.rect().adjusted(5, 3, -5, -5)
        for text, flags in (
            (self.letters.left, Qt.AlignmentFlag.AlignLeft | middle),
            (self.letters.right, Qt.AlignmentFlag.AlignRight | middle),
            (self.letters.top, Qt.AlignmentFlag.AlignTop | centre),
            (self.letters.bottom, Qt.AlignmentFlag.AlignBottom | centre),
        ):
            _shadowed(painter, partial(painter.drawText, inner, flags, text))

    def _draw_scale_bar(self, painter: QPainter) -> None:
        room = _SCALE_BAR_SHARE * self.width() / self.pixels_per_mm
        bar_mm = next((mm for mm in _SCALE_BARS_MM if mm <= room), _SCALE_BARS_MM[-1])
        length = bar_mm * self.pixels_per_mm
        right, low = self.width() - 8.0, self.height() - 8.0
        painter.setFont(_font(8))
        line = (QPointF(right - length, low), QPointF(right, low))
        _shadowed(painter, lambda: painter.drawLine(*line), width=2.0)
        place = QRectF(right - length, low - 17, length, 14)
        flags = Qt.AlignmentFlag.AlignCenter
        _shadowed(painter, lambda: painter.drawText(place, flags, f"{bar_mm:.0f} mm"))

    def _draw_caption(self, painter: QPainter) -> None:
        painter.setFont(_font(8))
        for line, text in enumerate((self.title, self.caption)):
            at = QPointF(6, 16 + _LINE_PIXELS * line)
            _shadowed(painter, partial(painter.drawText, at, text))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Point with the left button, change the window with the right."""
        if event is None:
            return
        self._pressed = event.position()
        if event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*self.to_place(event.position()))
        else:
            self.dragged.emit(0.0, 0.0, True)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Let the crosshair follow the left button, the window the right."""
        if event is None or self._pressed is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.clicked.emit(*self.to_place(event.position()))
        elif event.buttons() & Qt.MouseButton.RightButton:
            moved = event.position() - self._pressed
            self.dragged.emit(moved.x(), -moved.y(), False)

    def mouseReleaseEvent(self, _: QMouseEvent | None) -> None:
        """End a drag."""
        self._pressed = None

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Step through slices; with Ctrl, zoom."""
        if event is None:
            return
        ticks = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            scale = self.pixels_per_mm * _WHEEL_STEP ** (ticks / 120)
            self.pixels_per_mm = float(np.clip(scale, *_ZOOM_LIMITS))
            self.update()
        elif ticks:
            self.wheeled.emit(1 if ticks > 0 else -1)


class PlaneView(PlaneCanvas):
    """An axial, coronal or sagittal plane; its axes are two of the viewer's."""

    def __init__(self, plane: str) -> None:
        super().__init__(plane)
        self.plane = plane
        self.empty_text = f"{plane.capitalize()}: open a study."
        self.setToolTip(
            "Click or drag: move the crosshair. Wheel: slices. Ctrl + wheel: zoom. "
            "Right drag: window and level."
        )

    def set_plane(self, plane: str) -> None:
        """Show another of the three planes."""
        self.plane = self.title = plane
        self.empty_text = f"{plane.capitalize()}: open a study."
        self.letters = letter_edges(PLANES[plane])

    def project(self, point: NDArray[np.float64]) -> tuple[float, float]:
        """Return a point, (S, A, R) in mm, as a place on this plane."""
        _, vertical, horizontal = PLANES[self.plane]
        return (float(point[vertical]), float(point[horizontal]))

    def lift(
        self, place_mm: tuple[float, float], behind: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return a place on this plane as a point, its depth that of another."""
        _, vertical, horizontal = PLANES[self.plane]
        point = np.array(behind, dtype=float)
        point[[vertical, horizontal]] = place_mm
        return point

    def show_point(self, point: NDArray[np.float64], *, centre: bool) -> None:
        """Put the crosshair on a point of the viewer's axes, (S, A, R) in mm."""
        axis = PLANES[self.plane][0]
        self.cross_mm = self.project(point)
        if centre:
            self.centre_mm = self.cross_mm
        self.caption = f"{AXIS_LABELS[axis]} {point[axis]:+.1f} mm"
        self.update()


def _shadowed(
    painter: QPainter, draw: Callable[[], object], width: float = 1.0
) -> None:
    """Draw white on a black shade, legible on bright fluid and on air."""
    painter.save()
    for ink, step in (("black", 1.2), ("white", 0.0)):
        painter.setPen(QPen(QColor(ink), width))
        painter.translate(step, step)
        draw()
        painter.translate(-step, -step)
    painter.restore()


def _font(points: int, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setPointSize(points)
    font.setBold(bold)
    return font
