import numpy as np
import pytest

from nvc.model.anatomy import Side, VesselKind
from nvc.model.stages import Aligned
from nvc.model.study import SequenceRole
from nvc.segment.together.stage import NervesFound, find_vessels
from nvc.segment.together.traced import trace_before_nerves
from nvc.settings import VesselsSettings
from tests.nvc.segment.tube_scene import (
    FACIAL,
    NERVE_RADIUS,
    Drawn,
    course,
    errors,
    make_case,
)

SETTINGS = VesselsSettings()
CROSSING = np.array([0.15, 0.75, -0.65])
CROSSING /= np.linalg.norm(CROSSING)


def beside_nerve(radius: float, gap: float, tissue: str) -> Drawn:
    """A vessel that arches over CN VII with a given gap between the walls."""
    middle = FACIAL[300] + CROSSING * (NERVE_RADIUS + radius + gap)
    across = np.cross(FACIAL[310] - FACIAL[290], CROSSING)
    across /= np.linalg.norm(across)
    away = 2.0 * CROSSING
    return Drawn(
        course(middle - 8 * across + away, middle, middle + 8 * across + away),
        radius,
        tissue,
    )


def found_in(case, aligned=None):
    aligned = aligned or case.aligned
    traced = trace_before_nerves(aligned, case.regions, None, SETTINGS)
    nerves = NervesFound(sides=case.sides, traced=traced)
    return find_vessels(aligned, case.regions, nerves, SETTINGS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("radius", "gap", "voxel_mm", "noise"),
    [(0.5, 0.0, 0.5, 0.04), (0.8, 0.3, 0.6, 0.05), (0.5, 1.0, 0.5, 0.03)],
)
def test_artery_has_its_own_centre_and_calibre_beside_the_nerve(
    radius, gap, voxel_mm, noise
):
    artery = beside_nerve(radius, gap, "artery")
    found = found_in(make_case([artery], voxel_mm=voxel_mm, noise=noise))
    assert len(found.vessels) == 1
    vessel = found.vessels[0]
    assert vessel.kind is VesselKind.ARTERY
    assert vessel.seen_in is SequenceRole.T2
    off, calibre = errors(vessel.tube, artery)
    middle = slice(120, -120)
    assert off[middle].max() < 0.12
    assert np.abs(calibre[middle]).max() < 0.1


@pytest.mark.parametrize("with_tof", [True, False])
def test_vessel_without_flow_signal_is_found_in_the_cistern(with_tof):
    vein = beside_nerve(0.6, 0.4, "vein")
    found = found_in(make_case([vein], with_tof=with_tof, seed=3))
    assert len(found.vessels) == 1
    vessel = found.vessels[0]
    assert vessel.kind is (VesselKind.VEIN if with_tof else VesselKind.UNKNOWN)
    off, calibre = errors(vessel.tube, vein)
    assert off[150:-150].max() < 0.15
    assert np.abs(calibre[150:-150]).max() < 0.1


@pytest.mark.parametrize("seed", [1, 2])
def test_a_vessel_as_thin_as_a_voxel_is_found(seed):
    vein = beside_nerve(0.35, 0.2, "vein")
    case = make_case([vein], voxel_mm=0.7, noise=0.03, seed=seed)
    (vessel,) = found_in(case).vessels
    off, _ = errors(vessel.tube, vein)
    assert off[150:-150].max() < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("with_tof", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_nerves_are_never_vessels(with_tof, seed):
    lower = Drawn(
        course((9.0, -4.0, -7.0), (17.0, -3.0, -6.5), (27.0, -2.0, -6.0)), 0.6, "nerve"
    )
    thin = Drawn(course((11.0, 0.0, 6.0), (27.0, 6.0, 7.0)), 0.4, "nerve")
    case = make_case([], extra_nerves=[lower, thin], with_tof=with_tof, seed=seed)
    assert found_in(case).vessels == ()


@pytest.mark.slow
def test_a_grey_tube_that_passes_the_nerve_is_a_vessel_and_a_root_is_not():
    vein = beside_nerve(0.6, 0.4, "nerve")
    found = found_in(make_case([vein], seed=3)).vessels
    assert [vessel.kind for vessel in found] == [VesselKind.VEIN]
    off, _ = errors(found[0].tube, vein)
    assert off[150:-150].max() < 0.15
    # The same tube that ends where it meets the nerve, as a root does.
    half = Drawn(vein.points[:300], vein.radius, "nerve")
    assert found_in(make_case([half], seed=3)).vessels == ()


@pytest.mark.slow
def test_position_is_less_certain_where_only_the_angiography_shows_it():
    artery = Drawn(course((16.0, 5.0, -9.0), (18.0, 4.0, 9.0)), 0.9, "artery")
    case = make_case([artery])
    plain = Aligned(
        reference=case.aligned.reference,
        reference_role=SequenceRole.T1,
        companions=case.aligned.companions,
    )
    both = found_in(case).vessels[0]
    alone = found_in(case, plain).vessels[0]
    assert alone.seen_in is SequenceRole.TOF
    assert alone.tube.position_sd_mm.min() >= 0.2
    assert np.median(both.tube.position_sd_mm) < 0.1


def test_t1_alone_is_not_assessed():
    case = make_case([beside_nerve(0.6, 0.5, "artery")], with_tof=False)
    plain = Aligned(reference=case.aligned.reference, reference_role=SequenceRole.T1)
    found = find_vessels(plain, case.regions, NervesFound(sides=case.sides), SETTINGS)
    assert found.vessels == ()
    assert not any(found.assessed.values())
    assert all("T1" in found.reasons[side][0] for side in Side)


@pytest.mark.slow
def test_scale_and_storage_of_intensities_do_not_matter():
    case = make_case([beside_nerve(0.6, 0.2, "artery")], seed=5)
    first = found_in(case).vessels
    companion = case.aligned.companions[SequenceRole.TOF]
    louder = type(companion)(
        role=companion.role,
        volume=type(companion.volume)(
            grid=companion.volume.grid, voxels=companion.volume.voxels * 7.5 + 40.0
        ),
        reference_to_companion_mm=companion.reference_to_companion_mm,
        residual_mm=companion.residual_mm,
    )
    aligned = Aligned(
        reference=case.aligned.reference,
        reference_role=SequenceRole.T2,
        companions={SequenceRole.TOF: louder},
    )
    again = found_in(case, aligned).vessels
    assert len(first) == len(again) == 1
    moved = first[0].tube.points_mm - again[0].tube.points_mm
    assert np.abs(moved).max() < 0.02


def test_progress_ends_at_one():
    seen: list[float] = []
    case = make_case([])
    find_vessels(
        case.aligned, case.regions, NervesFound(sides=case.sides), SETTINGS, seen.append
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
