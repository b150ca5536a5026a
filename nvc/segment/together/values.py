"""Turns traced courses into the values that the stage hands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import expit

from nvc.model.anatomy import VesselKind
from nvc.model.stages import Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.segment.arteries.in_t2 import Artery
from nvc.segment.arteries.names import name_parts
from nvc.segment.dark.gather import DarkTube
from nvc.settings.fixed import FIXED
from nvc.tubes.curve import is_mostly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Companion, Regions
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import HandedOnSettings
    from nvc.tubes.stations.course import Course


def keep_as_traced(course: Course, residual_mm: float) -> Artery:
    """Return an artery that only the angiography shows.

    Parameters
    ----------
    course : Course
        In mm of the working frame.
    residual_mm : float
        What the registration may be off, one sigma.
    """
    return Artery(
        course=course,
        in_reference=np.zeros(len(course), dtype=bool),
        position_sd_mm=_position_sd(course, residual_mm),
        gain=np.zeros(len(course)) if course.fitted is None else course.fitted.gain,
    )


def make_artery_vessels(
    arteries: list[Artery],
    nerves: list[Course],
    regions: Regions,
    settings: VesselsSettings,
) -> list[Vessel]:
    """Cut arteries where one goes over into another, and name the pieces.

    Parameters
    ----------
    arteries : list of Artery
        As they lie in the reference.
    nerves : list of Course
        Near which vessels may be measured.
    regions : Regions
        Head directions and landmarks.
    settings : VesselsSettings
        Sizes and thresholds.
    """
    known = [
        side
        for side in regions.sides.values()
        if side.landmarks.root_exit_point_mm is not None
    ]
    roots = [side.landmarks.root_exit_point_mm for side in known]
    parts = name_parts(
        [artery.course.points_mm for artery in arteries],
        [artery.course.radius_mm for artery in arteries],
        regions.head,
        np.array(roots, dtype=float).reshape(-1, 3),
        max((side.position_sd_mm for side in known), default=0.0),
        settings.names,
    )
    focus = cKDTree(np.concatenate([n.points_mm for n in nerves])) if nerves else None
    vessels = []
    for part in parts:
        artery = arteries[part.course]
        stretch = slice(part.first, part.stop)
        points = artery.course.points_mm[stretch]
        seen = artery.in_reference[stretch]
        if focus is not None:
            # What counts is where it may be measured.
            near = focus.query(points)[0] < settings.reach_mm
            seen = seen[near] if near.any() else seen
        sure = _confidence(artery, settings)
        vessels.append(
            Vessel(
                tube=Tube(
                    points_mm=points,
                    radius_mm=artery.course.radius_mm[stretch],
                    position_sd_mm=artery.position_sd_mm[stretch],
                ),
                kind=VesselKind.ARTERY,
                seen_in=SequenceRole.T2 if is_mostly(seen) else SequenceRole.TOF,
                confidence=sure,
                name=part.name,
                # What may be no vessel has no surer name.
                name_confidence=(
                    None if part.confidence is None else min(part.confidence, sure)
                ),
            )
        )
    return vessels


def make_dark_vessel(
    tube: DarkTube, tof: Companion | None, settings: HandedOnSettings
) -> Vessel:
    """Say what a dark tube without flow signal is.

    Parameters
    ----------
    tube : DarkTube
        Taken for a vessel.
    tof : Companion or None
        The angiography that shows no flow in it, if it was looked at there.
    settings : HandedOnSettings
        What would show there, and how sure anything is.
    """
    course = tube.course
    covered = tof is not None and bool(
        tof.grid_in_reference.contains(course.points_mm).all()
    )
    wide = float(np.median(course.radius_mm)) >= settings.vein_radius_mm
    return Vessel(
        tube=Tube(
            points_mm=course.points_mm,
            radius_mm=course.radius_mm,
            position_sd_mm=_position_sd(course, FIXED.tube.least_centre_sd_mm),
        ),
        kind=VesselKind.VEIN if covered and wide else VesselKind.UNKNOWN,
        seen_in=SequenceRole.T2,
        confidence=float(min(expit(tube.odds), settings.most_certain)),
    )


def drop_stubs(vessels: list[Vessel], settings: HandedOnSettings) -> list[Vessel]:
    """Leave out what is no longer than wide and begins inside another vessel.

    At a bend, or where a wide vessel touches a nerve, the way along its middle seems to
    branch towards its wall. A branch that is one has a length.

    Parameters
    ----------
    vessels : list of Vessel
        In mm of the working frame.
    settings : HandedOnSettings
        What is a bulge.
    """
    return [
        vessel
        for number, vessel in enumerate(vessels)
        if not any(
            _is_stub(vessel.tube, other.tube, settings)
            for k, other in enumerate(vessels)
            if k != number
        )
    ]


def _is_stub(tube: Tube, other: Tube, settings: HandedOnSettings) -> bool:
    """Whether a tube is a bulge of another's wall."""
    radius = float(np.median(tube.radius_mm))
    if tube.arc_length_mm()[-1] >= 2.0 * radius:
        return False
    if radius >= settings.stub_width * float(np.median(other.radius_mm)):
        return False
    ends = tube.points_mm[[0, -1]]
    gap, near = cKDTree(other.points_mm).query(ends)
    return bool((gap < settings.stub_depth * other.radius_mm[near]).any())


def _position_sd(course: Course, residual_mm: float) -> NDArray[np.float64]:
    own = 0.1 if course.fitted is None else course.fitted.centre_sd_mm
    return np.asarray(np.hypot(own, residual_mm) + np.zeros(len(course)))


def _confidence(artery: Artery, settings: VesselsSettings) -> float:
    """Share of stations that show the tube beyond doubt, from 0.5 on."""
    sure = np.mean((artery.gain > settings.significance**2) | artery.in_reference)
    limits = settings.handed_on
    length = min(1.0, len(artery.course) * settings.station_mm / limits.certain_mm)
    return float(0.5 + (limits.most_certain - 0.5) * sure * length)
