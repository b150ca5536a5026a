"""CN VII that was lost is looked for again in an image without vessels."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.stages import SideLandmarks, SideNerves
from nvc.segment.nerves.side import Followed
from nvc.segment.together.lost_nerve import TAKEN_OUT, look_again_without_vessels
from nvc.settings import Settings
from tests.nvc.segment.together.test_stage import beside_nerve
from tests.nvc.segment.tube_scene import FACIAL, NERVE_RADIUS, make_case

NOTHING = Followed(
    nerves=SideNerves(facial=None, vestibulocochlear=None, landmarks=SideLandmarks())
)
VESSEL = beside_nerve(0.8, 0.6, "vein")


def again(case, followed, found_now):
    """Look again; `found_now` is what a second search finds in the cleared image."""
    seen: list[Volume] = []

    def follow(reference):
        seen.append(reference)
        return {Side.RIGHT: found_now, Side.LEFT: NOTHING}

    grid = case.aligned.reference.grid
    brain = Volume(grid=grid, voxels=np.zeros(grid.shape, np.uint8))
    result = look_again_without_vessels(
        case.aligned, case.regions, (followed, brain), Settings(), follow
    )
    return result, seen


@pytest.mark.slow
@pytest.mark.parametrize("with_tof", [True, False])
def test_the_vessel_is_taken_out_and_the_nerve_stays(with_tof):
    vessel = beside_nerve(0.8, 0.6, "artery" if with_tof else "vein")
    case = make_case([vessel], with_tof=with_tof, seed=5)
    found = Followed(nerves=case.sides[Side.RIGHT])
    result, seen = again(case, {Side.RIGHT: NOTHING, Side.LEFT: NOTHING}, found)
    assert len(seen) == 1
    nerves = result[Side.RIGHT].nerves
    assert nerves.facial is found.nerves.facial
    assert nerves.reasons[-1] == TAKEN_OUT
    assert result[Side.LEFT] is NOTHING
    grid = case.aligned.reference.grid
    places = grid.to_ras_mm(np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1))
    before = np.asarray(case.aligned.reference.voxels)
    middle = vessel.points[150:-150]
    inside = cKDTree(middle).query(places)[0] < 0.5 * vessel.radius
    in_nerve = cKDTree(FACIAL[80:-80]).query(places)[0] < 0.5 * NERVE_RADIUS
    csf = case.regions.levels.csf
    assert np.median(before[inside]) < 0.3 * csf
    assert np.median(seen[0].voxels[inside]) > 0.8 * csf
    assert np.abs(seen[0].voxels[in_nerve] - before[in_nerve]).max() < 0.2 * csf


def test_a_nerve_that_is_not_lost_is_not_looked_for():
    case = make_case([VESSEL], with_tof=False)
    followed = {Side.RIGHT: Followed(nerves=case.sides[Side.RIGHT]), Side.LEFT: NOTHING}
    result, seen = again(case, followed, NOTHING)
    assert seen == []
    assert result == followed


def test_what_is_still_not_found_stays_lost_without_a_word():
    case = make_case([VESSEL], with_tof=False)
    followed = {Side.RIGHT: NOTHING, Side.LEFT: NOTHING}
    result, seen = again(case, followed, NOTHING)
    assert len(seen) == 1
    assert result == followed


def test_without_any_vessel_there_is_nothing_to_take_out():
    case = make_case([], with_tof=False)
    _, seen = again(case, {Side.RIGHT: NOTHING, Side.LEFT: NOTHING}, NOTHING)
    assert seen == []
