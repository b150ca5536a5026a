"""A small made-up study with every stage value, geometrically true to itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.anatomy import NerveSegment, Side, VesselKind
from nvc.model.findings import (
    Contact,
    Measurement,
    SideMeasurement,
    VesselAtContact,
)
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole, Series, Study
from nvc.report import make_report
from nvc.saving.outputs import Outcome
from nvc.segment.labels.paint import paint_labels
from nvc.settings import Settings

CSF, BRAIN, NERVE, VESSEL, BONE = 1000.0, 420.0, 380.0, 60.0, 30.0
BLUR_MM = 0.25


@dataclass(frozen=True)
class Scene:
    """Tubes of a head whose midline is x = 0; the right side is x > 0."""

    facial: dict[Side, Tube]
    cochlear: dict[Side, Tube]
    vessels: tuple[Vessel, ...]


def tube(points, radius: float) -> Tube:
    points = np.asarray(points, dtype=float)
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.1),
    )


def arc(start, middle, stop, count: int = 40):
    """Points of a quadratic Bezier curve."""
    t = np.linspace(0, 1, count)[:, None]
    a, b, c = (np.asarray(p, dtype=float) for p in (start, middle, stop))
    return (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c


def nerve_course(sign: int, shift_a: float, shift_s: float):
    start = [sign * 9.5, 2.0 + shift_a, -3.0 + shift_s]
    return arc(start, [sign * 13, 6 + shift_a, 0 + shift_s],
               [sign * 29, 12 + shift_a, 2.0 + shift_s])  # fmt: skip


def scene() -> Scene:
    facial = {s: tube(nerve_course(s.sign, 0.0, 0.0), 0.85) for s in Side}
    cochlear = {s: tube(nerve_course(s.sign, -2.6, -1.0), 1.1) for s in Side}
    right = facial[Side.RIGHT].points_mm[14]
    left = facial[Side.LEFT].points_mm[24]
    touching = right + arc([-9, 8, -6], [2.2, 0.6, -1.6], [6, -8, 5])
    # Slide the loop until its wall lies on that of the nerve.
    gap = cKDTree(facial[Side.RIGHT].points_mm).query(touching)[0].min()
    away = np.array([0.0, 0.0, -1.0])
    for _ in range(40):
        gap = cKDTree(facial[Side.RIGHT].points_mm).query(touching)[0].min()
        touching = touching + (0.85 + 0.55 - gap) * 0.5 * away
    near = left + arc([8, 9, -4], [0, 0.5, -2.6], [-4, -9, -3])
    basilar = arc([-1, 16, -14], [2, 15, 0], [0, 17, 14])
    vessels = (
        vessel(tube(touching, 0.55), VesselKind.ARTERY, "AICA-like"),
        vessel(tube(near, 0.45), VesselKind.VEIN, None),
        vessel(tube(basilar, 1.7), VesselKind.ARTERY, "BA"),
    )
    return Scene(facial=facial, cochlear=cochlear, vessels=vessels)


def vessel(course: Tube, kind: VesselKind, name: str | None) -> Vessel:
    return Vessel(
        tube=course,
        kind=kind,
        seen_in=SequenceRole.TOF,
        confidence=0.9,
        name=name,
        name_confidence=0.85 if name else None,
    )


def soft_inside(points, course: Tube):
    """Share of a blurred voxel that lies inside a tube."""
    dense = np.stack(
        [np.interp(np.linspace(0, 1, 600), np.linspace(0, 1, len(c)), c)
         for c in course.points_mm.T], axis=-1)  # fmt: skip
    gap = cKDTree(dense).query(points, distance_upper_bound=5.0)[0]
    signed = np.minimum(gap, 5.0) - course.radius_mm[0]
    return 0.5 - 0.5 * np.tanh(signed / BLUR_MM)


def paint_image(grid: Grid, made: Scene, *, tof: bool):
    ijk = np.stack(np.indices(grid.shape), axis=-1).astype(float)
    points = grid.to_ras_mm(ijk)
    x, a, _ = np.moveaxis(points, -1, 0)
    brain = 0.5 - 0.5 * np.tanh((np.hypot(x / 11, (a + 6) / 12) - 1) * 11 / BLUR_MM)
    cerebellum = (a < -3 - 0.15 * np.abs(x)) & (np.abs(x) > 8)
    bone = (np.abs(x) > 22 + 0.35 * (a - 8)) & (a > -8) | (a > 20)
    canal = soft_inside(points, made.facial[Side.RIGHT]) * 0
    for side in Side:
        course = made.cochlear[side].points_mm + np.array([0, 1.2, 0.5])
        canal = np.maximum(canal, soft_inside(points, tube(course[20:], 2.9)))
    base = {"csf": 250.0, "brain": 300.0} if tof else {"csf": CSF, "brain": BRAIN}
    image = np.full(grid.shape, base["csf"])
    image = image + (BONE - image) * (bone & (canal < 0.5))
    image = image + (base["brain"] - image) * np.maximum(brain, cerebellum)
    nerve_value = base["brain"] if tof else NERVE
    for side in Side:
        for course in (made.facial[side], made.cochlear[side]):
            image = image + (nerve_value - image) * soft_inside(points, course)
    for item in made.vessels:
        is_bright = tof and item.kind is VesselKind.ARTERY
        value = 1000.0 if is_bright else base["csf"] if tof else VESSEL
        image = image + (value - image) * soft_inside(points, item.tube)
    noise = np.random.default_rng(7).normal(0, 18.0, grid.shape)
    return Volume(grid=grid, voxels=(image + noise).astype(np.float32)), brain > 0.5


def grid_of(voxel_mm: float, size_mm, rotation) -> Grid:
    shape = tuple(int(n / voxel_mm) for n in size_mm)
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(rotation) * voxel_mm
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2) + [0, 5, 0]
    return Grid(shape=shape, voxel_to_ras_mm=affine)


def tilt(degrees: float):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def plain(point):
    return tuple(float(value) for value in point)


def measured(made: Scene) -> Measurement:
    sides = {}
    for side in Side:
        facial = made.facial[side]
        along = facial.arc_length_mm()
        found = []
        for item in made.vessels:
            gaps, nearest = cKDTree(item.tube.points_mm).query(facial.points_mm)
            here = int(np.argmin(gaps))
            nerve, other = facial.points_mm[here], item.tube.points_mm[nearest[here]]
            unit = (other - nerve) / gaps[here]
            radius = item.tube.radius_mm[0]
            gap = max(0.0, float(gaps[here] - facial.radius_mm[0] - radius))
            if gap > 2.0:
                continue
            beyond = float(along[here] - along[9])
            found.append(
                Contact(
                    distance_mm=gap,
                    distance_ci_mm=(max(0.0, gap - 0.25), gap + 0.25),
                    contact_probability=0.97 if gap < 0.1 else 0.02,
                    closest_point_nerve_mm=plain(nerve + unit * facial.radius_mm[0]),
                    closest_point_vessel_mm=plain(other - unit * radius),
                    nerve_segment=NerveSegment.TRANSITION
                    if beyond < 4
                    else NerveSegment.CISTERNAL,
                    distance_from_root_detachment_mm=beyond,
                    vessel=VesselAtContact(
                        kind=item.kind,
                        diameter_mm=float(2 * radius),
                        name=item.name,
                        seen_in="tof",
                        confidence=item.confidence,
                        name_confidence=item.name_confidence,
                    ),
                )
            )
        found.sort(key=lambda contact: contact.distance_mm)
        sides[side] = SideMeasurement(evaluable=True, contacts=tuple(found))
    return Measurement(left=sides[Side.LEFT], right=sides[Side.RIGHT])


def make_outcome(*, storage: str = "RAS", with_tof: bool = True) -> Outcome:
    made = scene()
    grid = grid_of(0.6, (78, 62, 32), tilt(6.0))
    reference, brain = paint_image(grid, made, tof=False)
    tof_grid = grid_of(0.7, (70, 60, 30), tilt(-4.0))
    tof, _ = paint_image(tof_grid, made, tof=True)
    companions = {}
    if with_tof:
        companions[SequenceRole.TOF] = Companion(
            role=SequenceRole.TOF,
            volume=tof,
            reference_to_companion_mm=np.eye(4),
            residual_mm=0.2,
        )
    aligned = Aligned(
        reference=reference, reference_role=SequenceRole.T2, companions=companions
    )
    sides = {}
    for side in Side:
        points = made.facial[side].points_mm
        landmarks = SideLandmarks(
            root_exit_point_mm=points[0],
            root_detachment_mm=points[9],
            porus_mm=points[32],
        )
        sides[side] = SideNerves(
            facial=made.facial[side],
            vestibulocochlear=made.cochlear[side],
            landmarks=landmarks,
            confidence=0.9,
        )
    segmentation = Segmentation(
        sides=sides,
        vessels=made.vessels,
        brainstem=Volume(grid=grid, voxels=brain.astype(np.uint8)),
        vessels_assessed=dict.fromkeys(Side, True),
    )
    study = Study(series=_series(reference, tof, storage, with_tof=with_tof))
    report = make_report(
        study, aligned, segmentation, measured(made), Settings(), "0.0.test"
    )
    labels = paint_labels(grid, segmentation)
    return Outcome(
        study=study,
        aligned=aligned,
        segmentation=segmentation,
        labels=labels,
        report=report,
    )


def _series(reference: Volume, tof: Volume, storage: str, *, with_tof: bool):
    series = {
        SequenceRole.T2: Series(
            role=SequenceRole.T2,
            volume=stored_as(reference, storage),
            sha256="ab" * 32,
            orientation_source="sform",
            name="T2 (NIfTI)",
        )
    }
    if with_tof:
        series[SequenceRole.TOF] = Series(
            role=SequenceRole.TOF,
            volume=tof,
            sha256="cd" * 32,
            orientation_source="dicom",
            name="TOF (DICOM)",
            warnings=("slices of 0.7 mm",),
        )
    return series


def stored_as(volume: Volume, codes: str) -> Volume:
    """The same voxels in another storage order."""
    from nibabel.orientations import axcodes2ornt, inv_ornt_aff, ornt_transform

    change = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(codes))
    affine = volume.grid.voxel_to_ras_mm @ inv_ornt_aff(change, volume.grid.shape)
    shape = [0, 0, 0]
    for source, (axis, _) in enumerate(change):
        shape[int(axis)] = volume.grid.shape[source]
    # A NIfTI affine is stored as float32.
    affine = affine.astype(np.float32).astype(float)
    return volume.stored_like(Grid(shape=tuple(shape), voxel_to_ras_mm=affine))


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    """A run that found contact on the right and a near vein on the left."""
    return make_outcome(storage="LPS")
