"""Values go into the reference's own axes and back unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nvc.model.anatomy import RemarkKind
from nvc.model.findings import (
    Measurement,
    Remark,
)
from nvc.model.frame import enter_working_frame, find_working_frame
from nvc.model.grid import Grid, Volume
from nvc.model.space import InSpace
from nvc.model.stages import (
    Aligned,
    Companion,
    HeadFrame,
    Regions,
    Segmentation,
    SideLandmarks,
    Tube,
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
    local, change = enter_working_frame(aligned())
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
    one, two = enter_working_frame(aligned())[0], enter_working_frame(aligned(world))[0]
    np.testing.assert_array_equal(
        one.reference.grid.voxel_to_ras_mm, two.reference.grid.voxel_to_ras_mm
    )
    a, b = one.companions[SequenceRole.TOF], two.companions[SequenceRole.TOF]
    np.testing.assert_array_equal(
        a.reference_to_companion_mm, b.reference_to_companion_mm
    )


FLOWING = (Regions, Segmentation, Measurement, SideLandmarks)
"""What `nvc.pipeline` carries between the working frame and RAS mm."""


def classes_in(hint, found: dict) -> dict:
    """Collect every dataclass that a value of this type may hold, itself included."""
    if isinstance(hint, type) and is_dataclass(hint):
        if hint not in found and hint is not Volume:
            found[hint] = get_type_hints(hint, include_extras=True)
            for inner in found[hint].values():
                classes_in(inner, found)
    else:
        for part in get_args(hint):
            classes_in(part, found)
    return found


CLASSES = {}
for flowing in FLOWING:
    classes_in(flowing, CLASSES)


def bare(hint) -> bool:
    """Whether a type may hold a place, or numbers along one, and does not say which."""
    if get_origin(hint) is Annotated:
        return not any(isinstance(mark, InSpace) for mark in get_args(hint))
    if get_origin(hint) is np.ndarray or hint == tuple[float, float, float]:
        return True
    return any(bare(part) for part in get_args(hint) if part is not Ellipsis)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_array_and_triple_says_what_it_is_in_space(kind):
    unsaid = [name for name, hint in CLASSES[kind].items() if bare(hint)]
    assert not unsaid


def example(hint, rng):
    """Make a value of a type: two of everything, random numbers, no None."""
    parts = get_args(hint)
    if get_origin(hint) is Annotated:
        if get_origin(parts[0]) is tuple:
            return tuple(rng.normal(size=3).tolist())
        made = {
            InSpace.PLACE: rng.normal(size=3),
            InSpace.DIRECTIONS: np.eye(3),
            InSpace.SECTIONS: np.stack([np.diag([1.0, 4.0, 9.0])] * 2),
            InSpace.INVARIANT: rng.normal(size=2),
        }
        return made[next(part for part in parts if isinstance(part, InSpace))]
    if get_origin(hint) in (Union, UnionType):
        return example(next(p for p in parts if p is not NoneType), rng)
    if get_origin(hint) is tuple:
        return tuple(example(p, rng) for p in (parts[0], parts[-1]) if p is not ...)
    if get_origin(hint) is Mapping:
        return {key: example(parts[1], rng) for key in parts[0]}
    if hint is Volume:
        return oblique(rng.normal(size=3) * 10, rng.normal(size=3))
    if is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{f.name: example(hints[f.name], rng) for f in fields(hint)})
    if issubclass(hint, Enum):
        return next(iter(hint))
    return {bool: True, float: float(rng.normal()), str: "text"}[hint]


def leaves(value, path=""):
    """Yield every number, array and grid of a value with where it stands."""
    if isinstance(value, Volume):
        yield f"{path}:volume", value.grid.voxel_to_ras_mm
    elif is_dataclass(value):
        hints = get_type_hints(type(value), include_extras=True)
        for field in fields(value):
            inner, hint = getattr(value, field.name), hints[field.name]
            mark = next((m for m in InSpace if repr(m) in repr(hint)), None)
            if mark is None:
                yield from leaves(inner, f"{path}.{field.name}")
            else:
                yield f"{path}.{field.name}:{mark.name}", np.asarray(inner)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}[{key}]")
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield f"{path}:other", value


MOVES = ("PLACE", "DIRECTIONS", "SECTIONS", "volume")


@pytest.mark.parametrize("kind", FLOWING, ids=lambda kind: kind.__name__)
def test_a_rigid_motion_moves_every_place_and_brings_every_value_back(kind):
    rng = np.random.default_rng(7)
    value = example(kind, rng)
    change = find_working_frame(oblique([5, 6, 7], [11, -12, 13]).grid)
    away = change.move(value)
    back = change.inverse.move(away)
    before, moved, again = (list(leaves(v)) for v in (value, away, back))
    assert [path for path, _ in before] == [path for path, _ in moved]
    for (path, old), (_, new), (_, same) in zip(before, moved, again, strict=True):
        if path.endswith(MOVES):
            assert np.abs(new - old).max() > 0.05, path
            np.testing.assert_allclose(same, old, atol=1e-9, err_msg=path)
        elif isinstance(old, np.ndarray):
            np.testing.assert_array_equal(new, old, err_msg=path)
        else:
            assert new == old, path
            assert same == old, path
    assert sum(path.endswith(MOVES) for path, _ in before) >= 4


def test_places_move_as_the_matrix_says():
    change = find_working_frame(oblique([5, 6, 7], [1, 2, 3]).grid)
    point = np.array([1.0, -2.0, 3.0])
    moved = change.matrix[:3, :3] @ point + change.matrix[:3, 3]
    head = change.move(HeadFrame(origin_mm=point, axes=np.eye(3)))
    np.testing.assert_allclose(head.origin_mm, moved)
    np.testing.assert_allclose(head.axes, change.matrix[:3, :3])
    tube = Tube(points_mm=point[None], radius_mm=np.ones(1), position_sd_mm=np.ones(1))
    np.testing.assert_allclose(change.move(tube).points_mm, moved[None])
    remark = Remark(
        kind=RemarkKind.ARTERY_BULGE,
        side=None,
        value=4.0,
        unit="mm",
        usual="2.0 mm",
        sentence="wide",
        at_mm=(1.0, -2.0, 3.0),
    )
    np.testing.assert_allclose(change.move(remark).at_mm, moved)
    assert isinstance(change.move(remark).at_mm, tuple)
    assert change.move(replace(remark, at_mm=None)).at_mm is None
    assert change.move(SideLandmarks(porus_mm=point)).fundus_mm is None
