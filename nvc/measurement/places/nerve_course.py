"""Where along CN VII a point lies, by arc length from its root detachment point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import NerveSegment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import SideLandmarks, Tube
    from nvc.numerics import Count
    from nvc.settings import MeasureSettings

_FEWEST_POINTS: Count[int] = 2
"""Of a course."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NerveCourse:
    """CN VII with its landmarks as arc lengths from the tube's first point.

    Parameters
    ----------
    tube : Tube
        Ordered from the brainstem outwards, mm of the working frame.
    arc_mm : ndarray, shape (N,)
        Arc length of every point of the tube, from 0.
    root_exit_mm, detachment_mm, porus_mm : float or None
        Arc length of RExP, RDP and porus; None where the landmark is missing.
        A landmark beyond either end lies on the tube's straight continuation.
    """

    tube: Tube
    arc_mm: NDArray[np.float64]
    root_exit_mm: float | None
    detachment_mm: float | None
    porus_mm: float | None

    @classmethod
    def of(cls, tube: Tube, landmarks: SideLandmarks) -> NerveCourse:
        """Project the landmarks, mm of the working frame, onto the course."""
        arc = tube.arc_length_mm()

        def project(point: NDArray[np.float64] | None) -> float | None:
            return None if point is None else find_arc_mm(tube.points_mm, arc, point)

        return cls(
            tube=tube,
            arc_mm=arc,
            root_exit_mm=project(landmarks.root_exit_point_mm),
            detachment_mm=project(landmarks.root_detachment_mm),
            porus_mm=project(landmarks.porus_mm),
        )

    def from_detachment_mm(self, arc_mm: float) -> float | None:
        """Distance along the nerve from the RDP, negative towards the brainstem."""
        return None if self.detachment_mm is None else arc_mm - self.detachment_mm

    def from_root_exit_mm(self, arc_mm: float) -> float | None:
        """Distance along the nerve from the RExP, positive outwards."""
        return None if self.root_exit_mm is None else arc_mm - self.root_exit_mm

    def in_canal(self, arc_mm: float, settings: MeasureSettings) -> bool:
        """Whether a place lies beyond the porus by more than that may be off."""
        porus = self.porus_mm
        return porus is not None and arc_mm > porus + settings.porus_margin_mm

    def outside_canal(self, settings: MeasureSettings) -> NerveCourse:
        """Return the course without what lies in the canal."""
        outside = [not self.in_canal(float(arc), settings) for arc in self.arc_mm]
        keep = np.array(outside) | (np.arange(len(outside)) < _FEWEST_POINTS)
        return replace(self, tube=self.tube.part(keep), arc_mm=self.arc_mm[keep])

    def segment(self, arc_mm: float, settings: MeasureSettings) -> NerveSegment | None:
        """Name the part of the nerve at an arc length.

        Parameters
        ----------
        arc_mm : float
            From the tube's first point.
        settings : MeasureSettings
            Lengths of the parts around RExP and RDP.

        Returns
        -------
        NerveSegment or None
            None where the RDP is not known and the place is not in the canal.
        """
        if self.in_canal(arc_mm, settings):
            return NerveSegment.CANAL
        beyond = self.from_detachment_mm(arc_mm)
        if beyond is None:
            return None
        if self.root_exit_mm is not None:
            from_exit = arc_mm - self.root_exit_mm
            # Where the attached segment is short, the nearer landmark names the part.
            nearer_exit = abs(from_exit) < abs(beyond)
            if from_exit <= settings.root_exit_reach_mm and nearer_exit:
                return NerveSegment.ROOT_EXIT
        if beyond < -settings.detachment_reach_mm:
            return NerveSegment.ATTACHED
        if beyond <= settings.detachment_reach_mm:
            return NerveSegment.ROOT_DETACHMENT
        if beyond <= settings.transition_end_mm:
            return NerveSegment.TRANSITION
        return NerveSegment.CISTERNAL


def find_arc_mm(
    points_mm: NDArray[np.float64],
    arc_mm: NDArray[np.float64],
    point_mm: NDArray[np.float64],
) -> float:
    """Find the arc length of the place on a polyline nearest to a point.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        The polyline, N >= 2, mm of any frame.
    arc_mm : ndarray, shape (N,)
        Its arc length, mm.
    point_mm : ndarray, shape (3,)
        Any point of the same frame; the first and last edge are continued straight
        for it.

    Returns
    -------
    float
        Arc length, mm; below 0 or beyond the length for the continuations.
    """
    start, step = points_mm[:-1], np.diff(points_mm, axis=0)
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-9)
    along = np.sum((point_mm - start) * step, axis=1) / length
    low, high = np.zeros_like(length), length.copy()
    low[0], high[-1] = -np.inf, np.inf
    along = np.clip(along, low, high)
    foot = start + along[:, None] * step / length[:, None]
    nearest = int(np.argmin(np.linalg.norm(foot - point_mm, axis=1)))
    return float(arc_mm[nearest] + along[nearest])
