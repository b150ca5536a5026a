"""A drawing of the nerve from root exit to porus and of the vessels along it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape

from nvc.io.nifti.labels_out import COLOURS
from nvc.model.anatomy import Side, Structure, VesselKind
from nvc.pages.drawing import format_gap
from nvc.settings import ReportSettings
from nvc.tubes.curve import arc_length, nearest_index

if TYPE_CHECKING:
    from nvc.model.findings import Contact, Report, SideReport
    from nvc.model.space import Point

_WIDTH, _HEIGHT = 600.0, 128.0
_MARGIN = 34.0
_NERVE_Y, _NERVE_HALF = 62.0, 9.0
_VESSEL_COLOUR = {
    VesselKind.ARTERY: COLOURS[Structure.ARTERY],
    VesselKind.VEIN: COLOURS[Structure.VEIN],
    VesselKind.UNKNOWN: COLOURS[Structure.VESSEL_UNKNOWN],
}
_BRAINSTEM_MM = 3.5
"""How much brainstem is hinted at beside the root exit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NervePositions:
    """Landmarks along the nerve in mm from the root detachment, outwards."""

    root_exit_mm: float
    porus_mm: float


def place_along_nerve(side_report: SideReport) -> NervePositions | None:
    """Measure the landmarks along the reported course.

    Returns
    -------
    NervePositions or None
        None where the course or the detachment is not known.
    """
    course = np.array(side_report.facial_nerve_mm, dtype=float)
    landmarks = side_report.landmarks
    if len(course) < 2 or landmarks.root_detachment_mm is None:
        return None
    along = arc_length(course)

    def position(point: Point | None, otherwise: float) -> float:
        if point is None:
            return otherwise
        return float(along[nearest_index(course, np.array(point))])

    detachment = position(landmarks.root_detachment_mm, 0.0)
    return NervePositions(
        root_exit_mm=position(landmarks.root_exit_point_mm, 0.0) - detachment,
        porus_mm=position(landmarks.porus_mm, float(along[-1])) - detachment,
    )


def find_vulnerable_limit_mm(report: Report) -> float:
    """Return how far past the detachment the vulnerable zone reaches, in mm."""
    kept = report.software.settings.get("report", {})
    default = ReportSettings().vulnerable_beyond_detachment_mm
    return float(kept.get("vulnerable_beyond_detachment_mm", default))


def draw_nerve_strips(report: Report) -> dict[Side, Markup]:
    """Draw both sides to one scale, brainstem towards the middle of the page.

    Sides without a nerve course are left out.
    """
    limit = find_vulnerable_limit_mm(report)
    known = {
        side: positions
        for side, found in report.sides.items()
        if (positions := place_along_nerve(found)) is not None
    }
    if not known:
        return {}
    low = min(p.root_exit_mm for p in known.values()) - _BRAINSTEM_MM
    high = max(max(p.porus_mm, limit) for p in known.values()) + 1.0
    return {
        side: _Strip(
            side=side, low=low, high=high, limit=limit, positions=positions
        ).svg(report.sides[side])
        for side, positions in known.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strip:
    """Scale and contents of one drawing."""

    side: Side
    low: float
    high: float
    limit: float
    positions: NervePositions

    def x(self, mm: float) -> float:
        """Page position; the patient's right side runs from right to left."""
        share = (mm - self.low) / (self.high - self.low)
        if self.side is Side.RIGHT:
            share = 1.0 - share
        return _MARGIN + share * (_WIDTH - 2 * _MARGIN)

    def svg(self, found: SideReport) -> Markup:
        """Return the drawing."""
        label = (
            f"{self.side} facial nerve from root exit to porus, with every place "
            "where a vessel comes within reach"
        )
        parts = [self._zones(), self._nerve(), self._ticks()]
        shown = sorted(found.contacts, key=lambda contact: -contact.distance_mm)
        parts += [
            self._vessel(contact, contact.distance_from_root_detachment_mm, found)
            for contact in shown
            if contact.distance_from_root_detachment_mm is not None
        ]
        return Markup(
            f'<svg class="strip" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
            f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
        )

    def _span(self, start: float, stop: float) -> tuple[float, float]:
        a, b = sorted((self.x(start), self.x(stop)))
        return a, b - a

    def _zones(self) -> str:
        x, width = self._span(self.positions.root_exit_mm, self.limit)
        stem_x, stem_width = self._span(self.low, self.positions.root_exit_mm)
        return (
            f'<rect x="{stem_x:.1f}" y="34" width="{stem_width:.1f}" height="56" '
            'rx="6" class="stem"/>'
            f'<text x="{stem_x + stem_width / 2:.1f}" y="66" class="tick-name">'
            "brainstem</text>"
            f'<rect x="{x:.1f}" y="38" width="{width:.1f}" height="48" class="zone"/>'
            f'<text x="{x + width / 2:.1f}" y="124" class="zone-name">'
            "vulnerable zone</text>"
        )

    def _nerve(self) -> str:
        x, width = self._span(self.positions.root_exit_mm, self.positions.porus_mm)
        top, height = _NERVE_Y - _NERVE_HALF, 2 * _NERVE_HALF
        attached_x, attached = self._span(self.positions.root_exit_mm, 0.0)
        return (
            f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{height}" '
            'rx="4" class="nerve"/>'
            f'<rect x="{attached_x:.1f}" y="{_NERVE_Y + _NERVE_HALF}" '
            f'width="{attached:.1f}" height="5" class="stem"/>'
        )

    def _ticks(self) -> str:
        named = [
            ("root exit", self.positions.root_exit_mm),
            ("detachment", 0.0),
            (f"+{self.limit:g} mm", self.limit),
            ("porus", self.positions.porus_mm),
        ]
        ticks, previous = [], None
        for name, mm in named:
            x = self.x(mm)
            # Names that would run into each other are written one line lower.
            low = previous is not None and abs(x - previous) < 74
            ticks.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="46" y2="78" class="tick"/>'
                f'<text x="{x:.1f}" y="{109 if low else 96}" class="tick-name">'
                f"{escape(name)}</text>"
            )
            previous = None if low else x
        return "".join(ticks)

    def _vessel(self, contact: Contact, along_mm: float, found: SideReport) -> str:
        headline = contact.closest_point_nerve_mm == found.closest_point_nerve_mm
        x = self.x(float(np.clip(along_mm, self.low, self.high)))
        radius = 11.0 if headline else 6.0
        # Two millimetres of gap are drawn as 12 units above the nerve's upper wall.
        y = _NERVE_Y - _NERVE_HALF - radius - 6.0 * min(contact.distance_mm, 2.0)
        colour = _VESSEL_COLOUR[contact.vessel.kind]
        drawn = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" '
            f'class="vessel"/>'
        )
        if headline:
            drawn += (
                f'<text x="{x:.1f}" y="{y - radius - 4:.1f}" class="gap">'
                f"{format_gap(contact)}</text>"
            )
        return drawn
