"""What a fit leaves over between two walls, as a length."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.gap.residual_layer import measure_left_over_mm
from nvc.measurement.places.approaches import find_approaches
from nvc.measurement.scene.build import Cast, build_reference_scene
from nvc.measurement.scene.fit import SceneFit, fit_scene
from nvc.settings import MeasureSettings
from tests.nvc.measurement.studies import side_context
from tests.nvc.measurement.tubes import draw, random_pair

SETTINGS = MeasureSettings()
GAP_MM = 0.4
BETWEEN_MM = np.zeros(3)


@pytest.fixture(scope="module")
def fit() -> SceneFit:
    """A nerve and a vessel, fitted as they are drawn; the nearest walls are at 0."""
    rng = np.random.default_rng(4)
    nerve, vessel = random_pair(rng, GAP_MM)
    image = draw((nerve, vessel), rng=rng, voxel_mm=(0.4, 0.4, 0.4), noise=0.04)
    context = side_context(image, nerve.as_tube(), [vessel.as_tube()])
    found = context.segmentation.vessels
    approach, *_ = find_approaches(context.course, found, SETTINGS)
    scene = build_reference_scene(approach, context, Cast())
    assert scene is not None
    return fit_scene(scene, SETTINGS)


def with_layer(fit: SceneFit, thickness_mm: float) -> SceneFit:
    """The image shows fluid in a layer where the fit has nerve; below 0: the reverse.

    A voxel takes as much of it as it is filled, seen along an axis of the voxels.
    """
    scene = fit.scene
    along = scene.grid.axes_ras[:, 0]
    edge = scene.grid.voxel_size_mm[0]
    off = np.abs((scene.points_mm + scene.centre_mm - BETWEEN_MM) @ along)
    filled = np.clip(0.5 * (edge + abs(thickness_mm)) - off, 0.0, abs(thickness_mm))
    more = -np.sign(thickness_mm) * fit.contrast(0) * filled / edge
    return replace(fit, residual=fit.residual + more)


def test_nothing_is_left_over_where_the_fit_is_right(fit):
    assert abs(measure_left_over_mm(fit, BETWEEN_MM)) < 0.05


@pytest.mark.parametrize("thickness", [-0.3, 0.2, 0.4])
def test_a_layer_is_told_with_its_thickness_and_kind(fit, thickness):
    found = measure_left_over_mm(with_layer(fit, thickness), BETWEEN_MM)
    assert found == pytest.approx(thickness, abs=0.1)


def test_what_noise_leaves_counts_for_nothing(fit):
    rng = np.random.default_rng(8)
    found = [
        measure_left_over_mm(
            replace(fit, residual=rng.normal(0, fit.noise, len(fit.residual))),
            BETWEEN_MM,
        )
        for _ in range(200)
    ]
    assert np.mean(np.array(found) == 0.0) > 0.6
    assert np.std(found) < 0.03


def test_a_place_without_voxels_has_nothing_left_over(fit):
    assert measure_left_over_mm(with_layer(fit, 0.4), BETWEEN_MM + 50.0) == 0.0
