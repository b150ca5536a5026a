import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from nvc.tubes.vesselness import respond_to_tubes

SCALES = (0.4, 0.7, 1.1)


def gaussian_tube(shape, size, axis, sigma):
    axes = [(np.arange(n) - n // 2) * edge for n, edge in zip(shape, size, strict=True)]
    grid = np.meshgrid(*axes, indexing="ij")
    squared = sum(grid[q] ** 2 for q in range(3) if q != axis)
    return np.exp(-0.5 * squared / sigma**2).astype(np.float32)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_gaussian_tube_answers_as_theory_says(axis):
    size, sigma, scale = (0.2, 0.25, 0.2), 0.8, 0.8
    image = gaussian_tube((61, 61, 61), size, axis, sigma)
    found = respond_to_tubes(image, size, (scale,)).strength[30, 30, 30]
    total = sigma**2 + scale**2
    # A Gaussian ridge smoothed by a Gaussian: curvature s^2 / (s^2 + t^2)^2 both ways.
    expected = scale**1.5 * sigma**2 / total**2
    assert found == pytest.approx(expected, rel=0.06)


def test_eigenvalues_agree_with_lapack():
    rng = np.random.default_rng(1)
    image = gaussian_filter(rng.normal(size=(24, 22, 20)), 1.5).astype(np.float32)
    found = respond_to_tubes(image, (1.0, 1.0, 1.0), (0.05,)).strength
    gradient = np.gradient
    hessian = np.empty((*image.shape, 3, 3))
    for a in range(3):
        forward, backward = np.roll(image, -1, a), np.roll(image, 1, a)
        hessian[..., a, a] = forward - 2 * image + backward
        for b in range(a):
            hessian[..., a, b] = hessian[..., b, a] = gradient(
                gradient(image, axis=a), axis=b
            )
    values = np.linalg.eigvalsh(hessian)
    tube = (values[..., 1] < 0) & (values.sum(axis=-1) < 0)
    across = np.where(tube, values[..., 0] * values[..., 1], 0.0)
    expected = 0.05**1.5 * np.sqrt(np.maximum(across, 0.0))
    inner = (slice(2, -2),) * 3
    np.testing.assert_allclose(found[inner], expected[inner], atol=2e-6)
    assert expected[inner].max() > 1e-4


def test_dark_tube_in_bright_fluid_is_the_mirror_of_a_bright_one():
    image = gaussian_tube((25, 25, 25), (0.4, 0.4, 0.6), 2, 0.5)
    bright = respond_to_tubes(image, (0.4, 0.4, 0.6), SCALES)
    dark = respond_to_tubes(3.0 - image, (0.4, 0.4, 0.6), SCALES, bright=False)
    np.testing.assert_allclose(bright.strength, dark.strength, atol=1e-3)
    assert not respond_to_tubes(image, (0.4, 0.4, 0.6), SCALES, bright=False).strength[
        12, 12, 12
    ]


def test_plane_is_no_tube():
    image = np.zeros((25, 25, 25), dtype=np.float32)
    image[12] = 1.0
    plane = respond_to_tubes(image, (0.5, 0.5, 0.5), SCALES).strength.max()
    tube = respond_to_tubes(
        gaussian_tube((25, 25, 25), (0.5, 0.5, 0.5), 0, 0.3), (0.5, 0.5, 0.5), SCALES
    ).strength.max()
    assert plane < 0.02 * tube


def test_wider_tube_answers_at_a_wider_scale():
    size = (0.3, 0.3, 0.3)
    scales = [
        respond_to_tubes(
            gaussian_tube((41, 41, 41), size, 0, s), size, SCALES
        ).scale_mm[20, 20, 20]
        for s in (0.35, 1.0)
    ]
    assert scales[0] < scales[1]
