"""Stage values around two drawn tubes, as the segmentation would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nvc.measurement import measure
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.side_context import SideContext
from nvc.model.anatomy import Side, VesselKind
from nvc.model.findings import SideMeasurement
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    TissueLevels,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings

T2_LEVELS = TissueLevels(csf=1.0, brain=0.45, noise=0.05)


def segmentation(
    nerve: Tube,
    vessels: Sequence[Tube],
    *,
    seen_in: SequenceRole = SequenceRole.T2,
    detachment: int = 4,
) -> Segmentation:
    """A left side with these tubes; the RDP is a point of the nerve."""
    marks = SideLandmarks(
        root_exit_point_mm=nerve.points_mm[0],
        root_detachment_mm=nerve.points_mm[detachment],
        porus_mm=nerve.points_mm[-1],
    )
    nerves = SideNerves(facial=nerve, vestibulocochlear=None, landmarks=marks)
    return Segmentation(
        sides={Side.LEFT: nerves},
        vessels=tuple(
            Vessel(tube=tube, kind=VesselKind.ARTERY, seen_in=seen_in, confidence=1.0)
            for tube in vessels
        ),
        vessels_assessed={Side.LEFT: True},
    )


def side_context(
    volume: Volume, nerve: Tube, vessels: Sequence[Tube] = ()
) -> SideContext:
    """What the left side of a T2 is measured with."""
    found = segmentation(nerve, vessels)
    return SideContext(
        side=Side.LEFT,
        aligned=Aligned(reference=volume, reference_role=SequenceRole.T2),
        levels=T2_LEVELS,
        segmentation=found,
        course=NerveCourse.of(nerve, found.sides[Side.LEFT].landmarks),
        settings=MeasureSettings(),
    )


def measured(
    volume: Volume,
    found: Segmentation,
    *,
    tof: Companion | None = None,
    levels: TissueLevels | None = T2_LEVELS,
    role: SequenceRole = SequenceRole.T2,
) -> SideMeasurement:
    """The left side as measured in a T2 or T1, with a TOF where given."""
    aligned = Aligned(
        reference=volume,
        reference_role=role,
        companions={} if tof is None else {SequenceRole.TOF: tof},
    )
    regions = Regions(head=None, levels=levels, sides={})
    return measure(aligned, regions, found, MeasureSettings()).left


def moved_volume(volume: Volume, motion: np.ndarray) -> Volume:
    grid = Grid(
        shape=volume.grid.shape, voxel_to_ras_mm=motion @ volume.grid.voxel_to_ras_mm
    )
    return Volume(grid=grid, voxels=volume.voxels)


def moved_tube(tube: Tube, motion: np.ndarray) -> Tube:
    points = tube.points_mm @ motion[:3, :3].T + motion[:3, 3]
    return replace(tube, points_mm=points)
