from dataclasses import replace

import numpy as np
import pytest

from nvc.errors import GeometryError
from nvc.model.anatomy import Side, Structure, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole
from nvc.segment.labels.paint import paint_labels


def tube(start, stop, radius, count=5) -> Tube:
    points = np.linspace(start, stop, count)
    return Tube(
        points_mm=points,
        radius_mm=np.full(count, radius),
        position_sd_mm=np.full(count, 0.1),
    )


def grid(voxel=(0.5, 0.5, 0.5), shape=(40, 40, 40), turn_deg=0.0) -> Grid:
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    affine = np.eye(4)
    affine[:3, :3] = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.diag(voxel)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape=shape, voxel_to_ras_mm=affine)


def vessel(course: Tube, kind: VesselKind) -> Vessel:
    return Vessel(tube=course, kind=kind, seen_in=SequenceRole.T2, confidence=1.0)


def nerves(facial=None, cochlear=None) -> SideNerves:
    return SideNerves(
        facial=facial, vestibulocochlear=cochlear, landmarks=SideLandmarks()
    )


def painted(where: Grid, **parts):
    parts.setdefault("sides", {})
    return np.asarray(paint_labels(where, Segmentation(**parts)).voxels)


@pytest.mark.parametrize("turn_deg", [0.0, 27.0])
@pytest.mark.parametrize("voxel", [(0.5, 0.5, 0.5), (0.4, 0.4, 0.8)])
def test_volume_of_a_tube_is_that_of_a_cylinder(voxel, turn_deg):
    where = grid(voxel=voxel, turn_deg=turn_deg)
    course = tube([-6, -2, 1], [6, 3, -1], 1.5)
    labels = painted(where, vessels=(vessel(course, VesselKind.ARTERY),))
    volume = (labels == Structure.ARTERY).sum() * np.prod(voxel)
    length = course.arc_length_mm()[-1]
    assert volume == pytest.approx(np.pi * 1.5**2 * length, rel=0.03)


def test_exactly_the_centres_inside_are_painted():
    where = grid()
    labels = painted(where, vessels=(vessel(tube([-5, 0, 0], [5, 0, 0], 1.2),
                                            VesselKind.VEIN),))  # fmt: skip
    ijk = np.stack(np.indices(where.shape), axis=-1).astype(float)
    x, y, z = np.moveaxis(where.to_ras_mm(ijk), -1, 0)
    inside = (np.hypot(y, z) <= 1.2) & (np.abs(x) <= 5.0)
    # The end faces also hold the voxels that the centreline ends in.
    differs = (labels == Structure.VEIN) != inside
    assert not differs[np.abs(x) < 4.7].any()
    assert differs.sum() <= 8


def test_a_flat_tube_is_painted_flat():
    where = grid()
    round_one = tube([-5, 0, 0], [5, 0, 0], 1.0)
    flat = replace(round_one, section_mm2=np.stack([np.diag([1.0, 0.64, 2.25])] * 5))
    labels = painted(where, vessels=(vessel(flat, VesselKind.VEIN),))
    ijk = np.stack(np.indices(where.shape), axis=-1).astype(float)
    x, y, z = np.moveaxis(where.to_ras_mm(ijk), -1, 0)
    inside = ((y / 0.8) ** 2 + (z / 1.5) ** 2 <= 1.0) & (np.abs(x) <= 4.5)
    there = (labels == Structure.VEIN) & (np.abs(x) <= 4.5)
    assert (there != inside).sum() <= 0.01 * inside.sum()


def test_tube_thinner_than_a_voxel_stays_in_one_piece():
    from scipy.ndimage import label

    thin = tube([-8, -7, -6], [8, 6, 7], 0.05, count=30)
    labels = painted(grid(), vessels=(vessel(thin, VesselKind.UNKNOWN),))
    _, pieces = label(labels == Structure.VESSEL_UNKNOWN, np.ones((3, 3, 3)))
    assert pieces == 1


def test_nerves_lie_over_vessels_and_those_over_the_brainstem():
    where = grid()
    along_x, along_y = tube([-8, 0, 0], [8, 0, 0], 1), tube([0, -8, 0], [0, 8, 0], 1)
    along_z = tube([0, 0, -8], [0, 0, 8], 1)
    everywhere = Volume(grid=where, voxels=np.ones(where.shape, np.uint8))
    labels = painted(
        where,
        brainstem=everywhere,
        vessels=(
            vessel(along_y, VesselKind.ARTERY),
            vessel(along_y, VesselKind.VEIN),
        ),
        sides={Side.RIGHT: nerves(facial=along_x, cochlear=along_z)},
    )
    at = {
        name: labels[tuple(np.rint(where.to_voxel(np.array(p))).astype(int))]
        for name, p in {
            "crossing": [0, 0, 0],
            "vessel": [0, 5, 0],
            "cochlear": [0, 0, 5],
            "facial": [5, 0, 0],
            "stem": [5, 5, 5],
        }.items()
    }
    assert at == {
        "crossing": Structure.CN7_RIGHT,
        "vessel": Structure.ARTERY,
        "cochlear": Structure.CN8_RIGHT,
        "facial": Structure.CN7_RIGHT,
        "stem": Structure.BRAINSTEM,
    }


def test_left_and_right_nerves_have_their_own_labels():
    left, right = tube([-8, 0, 0], [-2, 0, 0], 1), tube([2, 0, 0], [8, 0, 0], 1)
    labels = painted(
        grid(),
        sides={Side.LEFT: nerves(facial=left), Side.RIGHT: nerves(cochlear=right)},
    )
    assert set(np.unique(labels)) == {0, Structure.CN7_LEFT, Structure.CN8_RIGHT}


def test_tube_that_leaves_the_grid_is_cut():
    labels = painted(
        grid(), vessels=(vessel(tube([-50, 0, 0], [50, 0, 0], 1), VesselKind.VEIN),)
    )
    assert (labels == Structure.VEIN).any(axis=(1, 2)).all()


def test_tube_outside_the_grid_paints_nothing():
    labels = painted(
        grid(), vessels=(vessel(tube([80, 0, 0], [90, 0, 0], 1), VesselKind.VEIN),)
    )
    assert not labels.any()


def test_given_labels_are_kept():
    where = grid()
    given = Volume(grid=where, voxels=np.full(where.shape, 3, np.uint8))
    segmentation = Segmentation(
        sides={Side.LEFT: nerves(facial=tube([0, 0, 0], [5, 0, 0], 1))}, labels=given
    )
    assert paint_labels(where, segmentation) is given


@pytest.mark.parametrize("part", ["brainstem", "labels"])
def test_mask_on_another_grid_is_refused(part):
    elsewhere = grid(shape=(10, 10, 10))
    mask = Volume(grid=elsewhere, voxels=np.ones(elsewhere.shape, np.uint8))
    with pytest.raises(GeometryError, match="does not lie on"):
        painted(grid(), **{part: mask})
