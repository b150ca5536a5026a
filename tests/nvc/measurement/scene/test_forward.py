"""The drawn picture: its derivatives, its background, a nerve sunk in the brain."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.scene import forward
from nvc.measurement.scene.forward import ScenePicture

VOXEL = np.array([[0.5, -0.1], [0.6, 0.08], [0.5, -0.1]])
TUBES = 2
PARAMETERS = TUBES * forward.PER_TUBE + forward.PER_SURFACE + forward.PER_PICTURE
BRAIN = TUBES * forward.PER_TUBE
PICTURE = BRAIN + forward.PER_SURFACE


def values() -> np.ndarray:
    """Two tubes 1.6 mm apart, the first half sunk into a brain."""
    p = np.zeros(PARAMETERS)
    for tube, (u, radius, contrast) in enumerate(((0.0, 0.9, -0.5), (1.6, 0.5, -0.9))):
        own = p[tube * forward.PER_TUBE : (tube + 1) * forward.PER_TUBE]
        own[forward.OFFSET_U : forward.OFFSET_U + 3] = u, 0.05, 0.02
        own[forward.OFFSET_V] = 0.1
        own[forward.LOG_RADIUS], own[forward.CONTRAST] = np.log(radius), contrast
        own[forward.STRETCH], own[forward.SHEAR] = 0.1, -0.1
        own[forward.TAPER] = 0.03
    p[BRAIN : BRAIN + 4] = 0.1, 0.05, -0.1, -0.55
    p[PICTURE:] = np.log(0.3), 0.7, 1.0, 0.02, -0.01, 0.03
    return p


def picture(*, brain: bool = True) -> ScenePicture:
    """Voxels scattered around two tubes along z, with a brain below y = -0.5."""
    rng = np.random.default_rng(7)
    points = rng.uniform(-2.0, 2.0, (80, 3))
    places = np.stack([points[:, [2, 0, 1]]] * TUBES)
    frames = np.zeros((TUBES, len(points), 2, 3))
    frames[:, :, 0, 0] = frames[:, :, 1, 1] = 1.0
    surface = points[:, [1, 0, 2]] + [0.5, 0.0, 0.0]
    return ScenePicture(places, frames, surface if brain else None, points, VOXEL)


def fixed(*, brain: bool) -> set[int]:
    """Parameters that the picture does not depend on."""
    return set() if brain else set(range(BRAIN, PICTURE))


@pytest.mark.slow
@pytest.mark.parametrize("brain", [True, False])
def test_derivatives_are_those_of_the_picture(brain):
    drawn, start = picture(brain=brain), values()
    _, jacobian = drawn.predict(start)
    for number in range(PARAMETERS):
        step = np.zeros(PARAMETERS)
        step[number] = 1e-4
        change = drawn.predict(start + step)[0] - drawn.predict(start - step)[0]
        change = change / 2e-4
        # A blur's far tail is cut off, and an offset's powers magnify it.
        off = np.abs(jacobian[:, number] - change).max()
        assert off <= 0.01 * np.abs(change).max(), number
        moves = np.abs(jacobian[:, number]).max() > 0
        assert moves == (number not in fixed(brain=brain))


def test_without_tubes_it_is_the_background():
    p = values()
    for tube in range(TUBES):
        p[tube * forward.PER_TUBE + forward.CONTRAST] = 0.0
    drawn = picture(brain=False)
    rng = np.random.default_rng(7)
    points = rng.uniform(-2.0, 2.0, (80, 3))
    expected = 1.0 + points @ [0.02, -0.01, 0.03]
    np.testing.assert_allclose(drawn.predict(p)[0], expected, atol=1e-12)


def test_a_nerve_inside_the_brain_adds_nothing():
    p = values()
    p[BRAIN] = 50.0
    whole = picture().predict(p)[0]
    p[forward.CONTRAST] = -0.1
    np.testing.assert_allclose(picture().predict(p)[0], whole, atol=1e-12)
