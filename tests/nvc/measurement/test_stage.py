"""The stage as a whole: the same answer however the head lies or is stored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement import measure
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.grid import Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    TissueLevels,
)
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings
from tests.nvc.measurement.studies import (
    measured,
    moved_tube,
    moved_volume,
    segmentation,
)
from tests.nvc.measurement.tubes import (
    Ellipse,
    TrueTube,
    draw,
    random_pair,
    random_rotation,
)

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


@pytest.mark.slow
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


def test_a_contact_carries_how_sure_its_vessel_and_the_name_are(t2, found):
    vessel = replace(
        found.vessels[0], confidence=0.9, name="AICA-like", name_confidence=0.7
    )
    (contact,) = measured(t2, replace(found, vessels=(vessel,))).contacts
    assert (contact.vessel.confidence, contact.vessel.name_confidence) == (0.9, 0.7)


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


@pytest.mark.parametrize("seed", range(4))
def test_a_nerve_on_the_brain_is_told_from_it(seed):
    rng = np.random.default_rng(60 + seed)
    nerve, vessel = random_pair(rng, GAP_MM)
    towards = vessel.centre - nerve.centre
    towards -= (towards @ nerve.along) * nerve.along
    beside = np.cross(nerve.along, towards / np.linalg.norm(towards))
    below = -towards / np.linalg.norm(towards) + 0.5 * beside
    below /= np.linalg.norm(below)
    radius = nerve.section.a
    brain = TrueTube(
        centre=nerve.centre + (12.0 + radius - 0.4) * below,
        along=nerve.along,
        side=below,
        section=Ellipse(a=12.0, b=12.0),
        contrast=nerve.contrast,
    )
    picture = draw((nerve, vessel, brain), rng=rng, noise=0.03, fine=3)
    index = np.moveaxis(np.indices(picture.grid.shape, dtype=float), 0, -1)
    mask = brain.depth(picture.grid.to_ras_mm(index)) < 0
    found = replace(
        segmentation(nerve.as_tube(), [vessel.as_tube()]),
        brainstem=Volume(grid=picture.grid, voxels=mask.astype(np.uint8)),
    )
    (contact,) = measured(picture, found).contacts
    assert contact.method == "tube-fit"
    assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.1)


def test_a_second_nerve_alongside_is_told_from_the_first():
    rng = np.random.default_rng(70)
    nerve, vessel = random_pair(rng, GAP_MM)
    towards = vessel.centre - nerve.centre
    towards -= (towards @ nerve.along) * nerve.along
    beside = np.cross(nerve.along, towards / np.linalg.norm(towards))
    eighth = replace(nerve, centre=nerve.centre + 1.9 * beside)
    picture = draw((nerve, vessel, eighth), rng=rng, noise=0.03, fine=3)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()])
    nerves = replace(found.sides[Side.LEFT], vestibulocochlear=eighth.as_tube())
    found = replace(found, sides={Side.LEFT: nerves})
    (contact,) = measured(picture, found).contacts
    assert contact.method == "tube-fit"
    assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.08)


def test_a_t1_is_measured_by_the_same_code():
    rng = np.random.default_rng(71)
    nerve, vessel = random_pair(rng, GAP_MM)
    bright = replace(nerve, contrast=0.5), replace(vessel, contrast=0.35)
    picture = draw(bright, rng=rng, noise=0.02, background=0.25, fine=3)
    levels = TissueLevels(csf=0.25, brain=0.75, noise=0.02)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()], seen_in=SequenceRole.T1)
    (contact,) = measured(picture, found, levels=levels, role=SequenceRole.T1).contacts
    assert contact.method == "tube-fit"
    assert contact.vessel.seen_in == "t1"
    assert contact.distance_mm == pytest.approx(GAP_MM, abs=0.08)


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
