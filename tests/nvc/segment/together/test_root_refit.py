"""The attached segment is found although a vessel lies on it."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.stages import SideRegion
from nvc.segment.nerves.side import Followed, follow_side
from nvc.segment.together.root_refit import RootFinder
from nvc.settings import Settings
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.picture import make_picture
from tests.nvc.segment.root.test_attached import SETTINGS, surroundings_of
from tests.nvc.segment.scene import (
    BRAIN_CENTRE,
    BRAIN_RADIUS,
    VOID,
    attached_course,
    brain_distance,
    draw,
)

pytestmark = pytest.mark.slow

ALL = Settings(nerve=SETTINGS)
RADIUS_MM = 0.7


def lying_vessel(course, bend_per_mm=0.03):
    """A vessel that lies on the brain and touches CN VII from the side."""
    lying = course[(brain_distance(course) > 0.1) & (brain_distance(course) < 0.9)]
    middle = lying[len(lying) // 2]
    out = (middle - BRAIN_CENTRE) / np.linalg.norm(middle - BRAIN_CENTRE)
    along = lying[-1] - lying[0]
    along -= (along @ out) * out
    along /= np.linalg.norm(along)
    across = np.cross(out, along)
    t = np.linspace(-7.0, 7.0, 120)[:, None]
    flat = middle + (1.55 + bend_per_mm * t**2) * across + t * along
    rays = (flat - BRAIN_CENTRE) / np.linalg.norm(flat - BRAIN_CENTRE, axis=1)[:, None]
    return BRAIN_CENTRE + (BRAIN_RADIUS + RADIUS_MM) * rays


def followed(vessel):
    course = attached_course()
    drawn = None if vessel is None else (vessel, RADIUS_MM)
    scene = draw(noise=0.02, facial=course, vessel=drawn)
    around = surroundings_of(scene)
    region = SideRegion(landmarks=scene.seeds, position_sd_mm=2.0)
    found = follow_side(around, region, Side.RIGHT, ALL)
    return scene, around, found


def picture_in(scene):
    levels = scene.levels
    span = levels.csf - levels.brain
    return make_picture(scene.volume, levels.brain, span, levels.noise, 1.15)


def as_course(points):
    return Course(
        points_mm=points,
        radius_mm=np.full(len(points), RADIUS_MM),
        contrast=np.full(len(points), VOID - 1.0),
    )


def off_the_truth(scene, nerves):
    """Distances of the true attached nerve from the one that was found."""
    depth = brain_distance(scene.facial)
    lying = scene.facial[(depth > 0.1) & (depth < 0.9)]
    return cKDTree(nerves.facial.points_mm).query(lying)[0]


@pytest.mark.parametrize("bend_per_mm", [0.0, 0.04])
def test_a_vessel_on_the_pons_does_not_lead_the_root_astray(bend_per_mm):
    vessel = lying_vessel(attached_course(), bend_per_mm=bend_per_mm)
    scene, around, found = followed(vessel)
    finder = RootFinder(around=around, followed={Side.RIGHT: found}, settings=ALL)
    # Whatever was found first, here the vessel itself: what counts is what is seen.
    again = finder.again(
        Side.RIGHT, found.nerves, picture_in(scene), [as_course(vessel)]
    )
    assert np.median(off_the_truth(scene, again)) < 0.5
    np.testing.assert_array_equal(
        again.landmarks.root_exit_point_mm, again.facial.points_mm[0]
    )


def test_a_vessel_far_from_the_root_changes_nothing():
    scene, around, found = followed(None)
    finder = RootFinder(around=around, followed={Side.RIGHT: found}, settings=ALL)
    far = as_course(lying_vessel(scene.facial) + np.array([8.0, 6.0, 9.0]))
    assert finder.again(Side.RIGHT, found.nerves, picture_in(scene), [far]) is (
        found.nerves
    )


def test_a_root_exit_that_a_reader_set_stays():
    scene, around, found = followed(None)
    given = Followed(nerves=found.nerves)
    finder = RootFinder(around=around, followed={Side.RIGHT: given}, settings=ALL)
    near = as_course(lying_vessel(scene.facial))
    assert finder.again(Side.RIGHT, found.nerves, picture_in(scene), [near]) is (
        found.nerves
    )


def test_what_a_vessel_hides_of_the_root_is_not_cut_off():
    course = attached_course()
    lying = course[brain_distance(course) > 0.0]
    hidden = lying[8]
    out = (hidden - BRAIN_CENTRE) / np.linalg.norm(hidden - BRAIN_CENTRE)
    across = np.cross(out, lying[12] - lying[4])
    across /= np.linalg.norm(across)
    t = np.linspace(-7.0, 7.0, 120)[:, None]
    # Over the nerve, 1.5 mm from where it leaves the brain.
    vessel = hidden + (0.8 + RADIUS_MM) * out + t * across + 0.03 * t**2 * out
    scene, around, found = followed(vessel)
    finder = RootFinder(around=around, followed={Side.RIGHT: found}, settings=ALL)
    again = finder.again(
        Side.RIGHT, found.nerves, picture_in(scene), [as_course(vessel)]
    )
    off = cKDTree(again.facial.points_mm).query(hidden[None])[0]
    assert off[0] < 1.0
    may_be = np.concatenate([again.facial.points_mm[:1], *again.before_exit_mm])
    assert np.nanmin(np.linalg.norm(may_be - lying[0], axis=-1)) < 0.75
