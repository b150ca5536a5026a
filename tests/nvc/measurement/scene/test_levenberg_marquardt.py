"""The search for the values that a picture shows."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.scene import forward
from nvc.measurement.scene.build import build_station_scene
from nvc.measurement.scene.levenberg_marquardt import Descent
from nvc.measurement.scene.priors import Beliefs
from nvc.measurement.scene.scene import Scene
from nvc.settings import MeasureSettings
from tests.nvc.measurement.studies import side_context
from tests.nvc.measurement.tubes import Ellipse, TrueTube, draw

NOISE = 0.03
RADIUS_MM, CONTRAST = 0.9, -0.5
SETTINGS = MeasureSettings()


def tube(shift_mm: float = 0.0) -> TrueTube:
    x, y, z = np.eye(3)
    return TrueTube(
        centre=shift_mm * y,
        along=z,
        side=x,
        section=Ellipse(a=RADIUS_MM, b=RADIUS_MM),
        contrast=CONTRAST,
    )


def scene_of(shift_mm: float) -> Scene:
    """A piece of nerve this far beside the course that it is looked for on."""
    rng = np.random.default_rng(5)
    image = draw((tube(shift_mm),), rng=rng, noise=NOISE)
    scene = build_station_scene(6.0, side_context(image, tube().as_tube()))
    assert scene is not None
    return scene


def centre_mm(scene: Scene, values: np.ndarray) -> np.ndarray:
    """Where the first tube was found, from its course."""
    course = scene.tubes[0].course
    frame = np.stack([course.frame_u[course.origin], course.frame_v[course.origin]])
    return values[[forward.OFFSET_U, forward.OFFSET_V]] @ frame


@pytest.fixture(scope="module")
def found() -> tuple[Descent, np.ndarray, bool, Beliefs]:
    """A nerve's section, sought from a course 0.2 mm beside it."""
    scene = scene_of(0.2)
    beliefs = Beliefs.of(scene, SETTINGS)
    descent = Descent(scene, beliefs)
    values, settled = descent.search_from(beliefs.mean, NOISE)
    return descent, values, settled, beliefs


def test_it_comes_to_rest_where_the_tube_is(found):
    descent, values, settled, _ = found
    assert settled
    centre = centre_mm(scene_of(0.2), values)
    np.testing.assert_allclose(centre, [0.0, 0.2, 0.0], atol=0.05)
    assert np.exp(values[forward.LOG_RADIUS]) == pytest.approx(RADIUS_MM, abs=0.06)
    assert np.std(descent.residual) == pytest.approx(NOISE, rel=0.2)


def test_started_where_it_rests_it_stays(found):
    descent, values, _, _ = found
    again, settled = descent.search_from(values, NOISE)
    assert settled
    # Less than a tenth of a standard deviation is left to gain.
    sd = np.sqrt(np.diag(descent.covariance(NOISE)))
    assert np.all(np.abs(again - values) <= 0.1 * sd)


def test_what_is_fixed_stays_and_has_no_spread(found):
    descent, values, _, beliefs = found
    fixed = beliefs.sd == 0
    assert fixed.any()
    np.testing.assert_array_equal(values[fixed], beliefs.mean[fixed])
    spread = np.diag(descent.covariance(NOISE))
    assert not spread[fixed].any()
    assert np.all(spread[~fixed] > 0)


def test_what_is_seen_is_never_less_sure_than_what_was_believed(found):
    descent, _, _, beliefs = found
    assert np.all(np.diag(descent.covariance(NOISE)) <= beliefs.sd**2 * (1 + 1e-9))


def test_a_voxel_far_off_hardly_moves_it():
    scene = scene_of(0.0)
    beliefs = Beliefs.of(scene, SETTINGS)
    plain, _ = Descent(scene, beliefs).search_from(beliefs.mean, NOISE)
    scene.intensity[np.argmax(scene.points_mm[:, 1])] += 3.0
    spoiled, _ = Descent(scene, beliefs).search_from(beliefs.mean, NOISE)
    assert np.linalg.norm(centre_mm(scene, spoiled - plain)) < 0.02
