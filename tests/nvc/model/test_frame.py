"""Values go into the reference's own axes and back unchanged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from nvc.model.anatomy import NerveSegment, RemarkKind, Side, VesselKind
from nvc.model.findings import (
    Contact,
    Measurement,
    Remark,
    SideMeasurement,
    VesselAtContact,
)
from nvc.model.frame import in_own_axes, own_axes
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    HeadFrame,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    SideRegion,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole


def oblique(degrees, shift, shape=(8, 9, 7)) -> Volume:
    affine = np.eye(4)
    turn = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    affine[:3, :3] = turn * [0.5, 0.6, 0.8]
    affine[:3, 3] = shift
    voxels = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    return Volume(grid=Grid(shape=shape, voxel_to_ras_mm=affine), voxels=voxels)


def aligned(world=None) -> Aligned:
    world = np.eye(4) if world is None else world
    reference = oblique([9, -8, 21], [3.0, 4.0, 5.0])
    tof = oblique([-4, 2, 6], [1.0, 2.0, 3.0], shape=(9, 9, 9))
    link = np.eye(4)
    link[:3, 3] = [0.4, -0.3, 0.2]

    def moved(volume):
        affine = world @ volume.grid.voxel_to_ras_mm
        return Volume(
            grid=Grid(shape=volume.grid.shape, voxel_to_ras_mm=affine),
            voxels=volume.voxels,
        )

    companion = Companion(
        role=SequenceRole.TOF,
        volume=moved(tof),
        reference_to_companion_mm=world @ link @ np.linalg.inv(world),
        residual_mm=0.1,
    )
    return Aligned(
        reference=moved(reference),
        reference_role=SequenceRole.T2,
        companions={SequenceRole.TOF: companion},
    )


def test_the_own_axes_are_straight_and_keep_every_distance():
    local, change = in_own_axes(aligned())
    np.testing.assert_allclose(
        local.reference.grid.voxel_to_ras_mm[:3, :3],
        np.diag([0.5, 0.6, 0.8]),
        atol=1e-7,
    )
    np.testing.assert_allclose(
        change.matrix @ change.inverse.matrix, np.eye(4), atol=1e-12
    )
    assert np.linalg.det(change.matrix[:3, :3]) > 0
    source, companion = aligned(), aligned().companions[SequenceRole.TOF]
    point = source.reference.grid.to_ras_mm(np.array([3.0, 4.0, 5.0]))
    direct = companion.volume.grid.to_voxel(companion.to_companion_mm(point))
    inner = local.companions[SequenceRole.TOF]
    again = inner.volume.grid.to_voxel(inner.to_companion_mm(change.points(point)))
    np.testing.assert_allclose(again, direct, atol=1e-5)


def test_a_moved_world_gives_the_very_same_numbers():
    world = np.eye(4)
    world[:3, :3] = Rotation.from_euler("xyz", [30, 11, -40], degrees=True).as_matrix()
    world[:3, 3] = [100.0, -50.0, 20.0]
    one, two = in_own_axes(aligned())[0], in_own_axes(aligned(world))[0]
    np.testing.assert_array_equal(
        one.reference.grid.voxel_to_ras_mm, two.reference.grid.voxel_to_ras_mm
    )
    a, b = one.companions[SequenceRole.TOF], two.companions[SequenceRole.TOF]
    np.testing.assert_array_equal(
        a.reference_to_companion_mm, b.reference_to_companion_mm
    )


def test_every_value_comes_back_as_it_went():
    change = own_axes(oblique([5, 6, 7], [1, 2, 3]).grid)
    back = change.inverse
    point = np.array([1.0, -2.0, 3.0])
    tube = Tube(
        points_mm=np.array([point, point + 1]),
        radius_mm=np.ones(2),
        position_sd_mm=np.ones(2),
    )
    marks = SideLandmarks(porus_mm=point)
    regions = Regions(
        head=HeadFrame(origin_mm=point, axes=np.eye(3)),
        levels=None,
        sides={Side.LEFT: SideRegion(landmarks=marks)},
    )
    segmentation = Segmentation(
        sides={
            Side.LEFT: SideNerves(facial=tube, vestibulocochlear=None, landmarks=marks)
        },
        vessels=(
            Vessel(
                tube=tube,
                kind=VesselKind.VEIN,
                seen_in=SequenceRole.T2,
                confidence=0.5,
            ),
        ),
        brainstem=oblique([1, 2, 3], [4, 5, 6]),
    )
    contact = Contact(
        distance_mm=0.5,
        distance_ci_mm=(0.3, 0.7),
        contact_probability=0.1,
        closest_point_nerve_mm=(1.0, 2.0, 3.0),
        closest_point_vessel_mm=(1.5, 2.0, 3.0),
        nerve_segment=NerveSegment.ATTACHED,
        distance_from_root_detachment_mm=-1.0,
        vessel=VesselAtContact(kind=VesselKind.VEIN, diameter_mm=0.8),
    )
    side = SideMeasurement(evaluable=True, contacts=(contact,))
    moved = change.regions(regions)
    assert np.abs(moved.head.origin_mm - point).max() > 0.1
    again = back.regions(moved)
    np.testing.assert_allclose(again.head.origin_mm, point)
    np.testing.assert_allclose(again.head.axes, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(again.sides[Side.LEFT].landmarks.porus_mm, point)
    assert again.sides[Side.LEFT].landmarks.fundus_mm is None
    parts = back.segmentation(change.segmentation(segmentation))
    np.testing.assert_allclose(parts.vessels[0].tube.points_mm, tube.points_mm)
    np.testing.assert_allclose(parts.sides[Side.LEFT].facial.points_mm, tube.points_mm)
    assert parts.brainstem.grid.same_geometry(segmentation.brainstem.grid)
    remark = Remark(
        kind=RemarkKind.ARTERY_BULGE,
        side=None,
        value=4.0,
        unit="mm",
        usual="2.0 mm",
        sentence="wide",
        at_mm=(1.0, 2.0, 3.0),
    )
    remarks = (remark, replace(remark, at_mm=None))
    given = Measurement(
        left=side, right=side, remarks=remarks, not_looked_at=("masses",)
    )
    away = change.measurement(given)
    assert np.abs(np.subtract(away.remarks[0].at_mm, remark.at_mm)).max() > 0.1
    returned = back.measurement(away)
    np.testing.assert_allclose(returned.remarks[0].at_mm, remark.at_mm)
    assert returned.remarks[1] == remarks[1]
    assert returned.not_looked_at == ("masses",)
    whole = returned.left.contacts[0]
    np.testing.assert_allclose(whole.closest_point_vessel_mm, (1.5, 2.0, 3.0))
    assert whole.distance_mm == 0.5
