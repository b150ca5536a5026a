"""The stage as a whole: the same answer however the head lies or is stored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measure import measure
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.grid import Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
)
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings
from tests.nvc.measure.studies import (
    measured,
    moved_tube,
    moved_volume,
    segmentation,
)
from tests.nvc.measure.tubes import TrueTube, draw, random_pair, random_rotation

GAP_MM = 0.35


@pytest.fixture(scope="module")
def pair() -> tuple[TrueTube, TrueTube]:
    return random_pair(np.random.default_rng(21), GAP_MM)


@pytest.fixture(scope="module")
def t2(pair) -> Volume:
    return draw(pair, rng=np.random.default_rng(22), noise=0.03, fine=3)


@pytest.fixture(scope="module")
def found(pair) -> Segmentation:
    nerve, vessel = pair
    return segmentation(nerve.as_tube(), [vessel.as_tube()])


def motion(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    affine = np.eye(4)
    affine[:3, :3] = random_rotation(rng)
    affine[:3, 3] = rng.uniform(-30, 30, 3)
    return affine


def test_a_contact_is_fitted_and_placed(t2, found):
    (contact,) = measured(t2, found).contacts
    assert contact.method == "tube-fit"
    assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.06)
    # The pair was built with its nearest nerve point at the origin.
    assert np.linalg.norm(contact.closest_point_nerve_mm) < 0.3
    assert contact.nerve_segment is NerveSegment.TRANSITION or (
        contact.nerve_segment is NerveSegment.CISTERNAL
    )
    assert contact.distance_from_root_detachment_mm == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize("seed", [1, 2])
def test_moving_the_world_moves_points_and_nothing_else(t2, found, seed):
    affine = motion(seed)
    nerve = moved_tube(found.sides[Side.LEFT].facial, affine)
    vessel = moved_tube(found.vessels[0].tube, affine)
    (here,) = measured(t2, found).contacts
    (there,) = measured(
        moved_volume(t2, affine), segmentation(nerve, [vessel])
    ).contacts
    assert there.distance_mm == pytest.approx(here.distance_mm, abs=1e-3)
    carried = affine[:3, :3] @ here.closest_point_nerve_mm + affine[:3, 3]
    assert np.allclose(there.closest_point_nerve_mm, carried, atol=0.05)


def test_storage_order_changes_nothing(t2, found):
    voxels = np.transpose(t2.voxels, (2, 0, 1))[:, ::-1, :]
    affine = t2.grid.voxel_to_ras_mm[:, [2, 0, 1, 3]].copy()
    affine[:3, 3] += affine[:3, 1] * (voxels.shape[1] - 1)
    affine[:3, 1] *= -1
    grid = replace(t2.grid, shape=voxels.shape, voxel_to_ras_mm=affine)
    (here,) = measured(t2, found).contacts
    (there,) = measured(Volume(grid=grid, voxels=voxels), found).contacts
    assert there.distance_mm == pytest.approx(here.distance_mm, abs=1e-6)


def test_the_same_input_gives_the_same_numbers(t2, found):
    assert measured(t2, found) == measured(t2, found)


def angiography(vessel: TrueTube, residual_mm: float) -> tuple[Companion, np.ndarray]:
    bright = replace(vessel, contrast=1.0)
    image = draw(
        (bright,),
        rng=np.random.default_rng(23),
        voxel_mm=(0.7, 0.45, 0.45),
        background=0.4,
        noise=0.03,
        fine=3,
    )
    affine = motion(5)
    companion = Companion(
        role=SequenceRole.TOF,
        volume=moved_volume(image, affine),
        reference_to_companion_mm=affine,
        residual_mm=residual_mm,
    )
    return companion, affine


def test_a_vessel_of_the_tof_that_shows_in_the_t2_is_measured_there(t2, pair, found):
    tof, _ = angiography(pair[1], residual_mm=0.3)
    seen = replace(
        found, vessels=(replace(found.vessels[0], seen_in=SequenceRole.TOF),)
    )
    (contact,) = measured(t2, seen, tof=tof).contacts
    (plain,) = measured(t2, found).contacts
    assert contact.vessel.seen_in == "t2"
    assert contact.distance_mm == pytest.approx(plain.distance_mm, abs=0.02)


def test_a_vessel_only_of_the_tof_carries_the_registration_residual(pair, found):
    nerve, vessel = pair
    lone = draw((nerve,), rng=np.random.default_rng(22), noise=0.03, fine=3)
    seen = replace(
        found, vessels=(replace(found.vessels[0], seen_in=SequenceRole.TOF),)
    )
    widths = []
    for residual in (0.05, 0.3):
        tof, _ = angiography(vessel, residual)
        (contact,) = measured(lone, seen, tof=tof).contacts
        assert contact.method == "tube-fit"
        assert contact.vessel.seen_in == "tof"
        assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.1)
        widths.append(contact.distance_ci_mm[1] - contact.distance_ci_mm[0])
    assert widths[1] > widths[0] + 0.2


def test_where_no_vessel_shows_the_fit_is_not_believed(pair, found):
    empty = draw(pair[:1], rng=np.random.default_rng(24), noise=0.03, fine=3)
    result = measured(empty, found)
    assert all(contact.method != "tube-fit" for contact in result.contacts)
    assert any("centrelines" in reason for reason in result.reasons)
    (contact,) = result.contacts
    assert contact.distance_ci_mm[1] - contact.distance_ci_mm[0] > 0.5


def test_levels_may_be_unknown(t2, found):
    (contact,) = measured(t2, found, levels=None).contacts
    assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.08)


def test_a_side_without_a_nerve_says_so(t2):
    nothing = Segmentation(
        sides={
            Side.LEFT: SideNerves(
                facial=None,
                vestibulocochlear=None,
                landmarks=SideLandmarks(),
            )
        }
    )
    aligned = Aligned(reference=t2, reference_role=SequenceRole.T2)
    regions = Regions(head=None, levels=None, sides={})
    result = measure(aligned, regions, nothing, MeasureSettings())
    for side in Side:
        assert not result.of(side).evaluable
        assert result.of(side).reasons
