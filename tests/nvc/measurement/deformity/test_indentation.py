"""Flattening read off sections of known shape."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.deformity.indentation import measure_indentation
from nvc.measurement.places.nerve_section import NerveSection
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()
TOWARDS = np.array([0.0, 1.0, 0.0])
RADIUS_MM = 0.9


def sections(
    depth_mm: float,
    *,
    noise: float = 0.0,
    flat: float = 0.0,
    first_mm: float = -6.0,
    grow: float = 0.0,
    seed: int = 0,
    long_mm: float = 1.0,
) -> list[NerveSection]:
    """Sections along x whose thickness along y is less by a groove at 0."""
    rng = np.random.default_rng(seed)
    found = []
    for arc in np.arange(first_mm, 6.01, 0.6):
        half = RADIUS_MM - 0.5 * depth_mm * np.exp(-0.5 * (arc / long_mm) ** 2)
        stretch = np.log(half / RADIUS_MM) - flat / 2 + rng.normal(0, noise / 2)
        found.append(
            NerveSection(
                arc_mm=float(arc),
                centre_mm=np.array([arc, 0.0, 0.0]),
                frame=np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
                shape=np.array([np.log(RADIUS_MM) + grow * arc, stretch, 0.0]),
                place_covariance_mm2=0.03**2 * np.eye(2),
                shape_covariance=np.diag([0.03, max(noise, 0.02) / 2, 0.03]) ** 2,
            )
        )
    return found


def measured(given: list[NerveSection]) -> tuple[float, float]:
    found = measure_indentation(given, 0.0, TOWARDS, 0.6, SETTINGS)
    assert found is not None
    return found


@pytest.mark.parametrize("long_mm", [0.7, 1.0, 1.4])
@pytest.mark.parametrize("depth", [0.2, 0.4])
def test_a_groove_is_measured_whatever_its_length(depth, long_mm):
    value, sd = measured(sections(depth, long_mm=long_mm))
    assert value == pytest.approx(depth, abs=0.05)
    assert value > 2 * sd


@pytest.mark.parametrize(
    "given",
    [
        sections(0.0),
        sections(0.0, flat=0.25),
        sections(0.0, grow=0.04),
    ],
    ids=["round", "flat all along", "tapering"],
)
def test_what_the_whole_nerve_has_is_no_groove(given):
    value, sd = measured(given)
    assert abs(value) < sd


def test_noise_exceeds_the_stated_uncertainty_as_seldom_as_it_should():
    scores = [
        value / sd
        for value, sd in (
            measured(sections(0.0, noise=0.08, seed=k)) for k in range(99)
        )
    ]
    assert np.mean(np.array(scores) > 1.96) <= 0.05
    assert 0.3 < np.std(scores) < 1.2


def test_a_groove_at_the_nerves_start_is_told_from_one_side():
    value, sd = measured(sections(0.4, first_mm=-0.6))
    assert value > 2 * sd


def test_a_groove_across_the_direction_is_the_opposite():
    across = measure_indentation(
        sections(0.4), 0.0, np.array([0.0, 0.0, 1.0]), 0.6, SETTINGS
    )
    assert across is not None
    assert across[0] < 0


def test_without_a_section_at_the_place_nothing_is_said():
    away = [s for s in sections(0.4) if abs(s.arc_mm) > 2.0]
    assert measure_indentation(away, 0.0, TOWARDS, 0.6, SETTINGS) is None
    assert measure_indentation([], 0.0, TOWARDS, 0.6, SETTINGS) is None
