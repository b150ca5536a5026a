"""The gap along the nerve of both sides, to look at and to click in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QPointF, QRectF, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from qtpy.QtWidgets import QSizePolicy, QWidget

from nvc.model.anatomy import Side

if TYPE_CHECKING:
    from nvc.measurement.gap.profile import GapProfile

_MOST_MM = 4.0
_COLOURS = {Side.RIGHT: "#5ac8fa", Side.LEFT: "#ffb340"}
_MARGINS = (38.0, 20.0, 12.0, 34.0)
"""Left, top, right and bottom, in pixels."""
_VULNERABLE_MM = 4.0
_DOT = 3.0
"""Radius of a measured place, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where millimetres lie on the widget."""

    box: QRectF
    low_mm: float
    high_mm: float

    def at(self, along_mm: float, gap_mm: float) -> QPointF:
        share = (along_mm - self.low_mm) / (self.high_mm - self.low_mm)
        height = min(gap_mm, _MOST_MM) / _MOST_MM
        return QPointF(
            self.box.left() + share * self.box.width(),
            self.box.bottom() - height * self.box.height(),
        )

    def along_mm(self, x: float) -> float:
        share = (x - self.box.left()) / max(self.box.width(), 1.0)
        return self.low_mm + share * (self.high_mm - self.low_mm)


class GapPlot(QWidget):
    """Gap in mm against the distance from the root detachment, both sides."""

    placeChosen = Signal(object)
    """A side, and a point on its nerve in true RAS mm."""

    def __init__(self) -> None:
        super().__init__()
        self.profiles: dict[Side, GapProfile] = {}
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(
            "Gap along CN VII. Line: between the walls of nerve and vessels as drawn. "
            "Dots: measured places with their 95 % intervals, as in the table. "
            "Click: go there."
        )

    def setProfiles(self, profiles: dict[Side, GapProfile]) -> None:
        """Show other nerves."""
        self.profiles = profiles
        self.update()

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw axes, the vulnerable zone and a line a side."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor("#1b1e23"))
        frame = self._frame()
        if frame is None:
            painter.setPen(QColor("#9aa0a6"))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter, "Gap along the nerve"
            )
        else:
            self._draw_axes(painter, frame)
            for side, profile in self.profiles.items():
                self._draw_line(painter, frame, side, profile)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Go to the place on the nearer of the two lines."""
        frame = self._frame()
        if event is None or frame is None:
            return
        along = frame.along_mm(event.position().x())
        best: tuple[float, Side, int] | None = None
        for side, profile in self.profiles.items():
            n = int(np.argmin(np.abs(profile.along_mm - along)))
            at = frame.at(float(profile.along_mm[n]), float(profile.gap_mm[n]))
            away = float(np.hypot(*(np.array(_xy(at)) - _xy(event.position()))))
            if best is None or away < best[0]:
                best = (away, side, n)
        if best is not None:
            _, side, n = best
            x, y, z = self.profiles[side].points_mm[n].tolist()
            self.placeChosen.emit((side, (x, y, z)))

    def _frame(self) -> _Frame | None:
        if not self.profiles:
            return None
        low = min(float(p.along_mm[0]) for p in self.profiles.values())
        high = max(float(p.along_mm[-1]) for p in self.profiles.values())
        left, top, right, bottom = _MARGINS
        box = QRectF(
            left, top, self.width() - left - right, self.height() - top - bottom
        )
        return _Frame(box=box, low_mm=low, high_mm=max(high, low + 1.0))

    def _draw_axes(self, painter: QPainter, frame: _Frame) -> None:
        font = QFont()
        font.setPointSize(8)
        painter.setFont(font)
        starts = [p.root_exit_mm for p in self.profiles.values()]
        start = max(min((s for s in starts if s is not None), default=0), frame.low_mm)
        zone = QRectF(frame.at(start, _MOST_MM), frame.at(_VULNERABLE_MM, 0.0))
        painter.fillRect(zone.intersected(frame.box), QColor(255, 200, 80, 36))
        for gap in range(int(_MOST_MM) + 1):
            at = frame.at(frame.low_mm, gap)
            painter.setPen(QPen(QColor("#3a3f47"), 1))
            painter.drawLine(at, frame.at(frame.high_mm, gap))
            painter.setPen(QColor("#c8ccd2"))
            painter.drawText(QPointF(at.x() - 16, at.y() + 4), str(gap))
        for along in range(int(np.ceil(frame.low_mm)), int(frame.high_mm) + 1):
            if along % 5 == 0:
                at = frame.at(along, 0.0)
                painter.drawText(QPointF(at.x() - 6, at.y() + 14), str(along))
        painter.drawText(QPointF(4, 13), "gap, mm")
        for n, side in enumerate(self.profiles):
            painter.setPen(QColor(_COLOURS[side]))
            painter.drawText(QPointF(70 + 95 * n, 13), f"patient's {side}")
        painter.setPen(QColor("#c8ccd2"))
        label = "mm from the root detachment, towards the canal"
        painter.drawText(QPointF(frame.box.left(), self.height() - 6), label)

    def _draw_line(
        self, painter: QPainter, frame: _Frame, side: Side, profile: GapProfile
    ) -> None:
        painter.setPen(QPen(QColor(_COLOURS[side]), 2))
        points = zip(profile.along_mm, profile.gap_mm, strict=True)
        painter.drawPolyline(
            QPolygonF([frame.at(float(a), float(g)) for a, g in points])
        )
        painter.setBrush(QColor(_COLOURS[side]))
        for gap in profile.measured:
            low, high = (frame.at(gap.along_mm, end) for end in gap.ci_mm)
            painter.drawLine(low, high)
            painter.drawEllipse(frame.at(gap.along_mm, gap.gap_mm), _DOT, _DOT)


def _xy(at: QPointF) -> tuple[float, float]:
    return (at.x(), at.y())
