"""Gaps of drawn tubes: how near and how honest.

`run` also takes the times that ``benchmarks/gap.py`` prints.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import ndimage

from nvc.model.grid import Volume
from tests.nvc.measurement.studies import measured, segmentation
from tests.nvc.measurement.tubes import (
    STRESSED,
    PairKind,
    TrueTube,
    draw,
    random_pair,
)

pytestmark = pytest.mark.slow

GAPS_MM = (0.0, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How pairs are drawn and handed over."""

    kind: PairKind = field(default_factory=PairKind)
    voxel_mm: tuple[float, float, float] = (0.6, 0.4, 0.4)
    noise: float = 0.0
    slope_per_mm: float = 0.0
    blur_mm: tuple[float, float] = (0.25, 0.25)
    centre_off_mm: float = 0.15
    radius_off: float = 0.05


TRIALS = {
    "clean": Trial(),
    "6 % noise": Trial(noise=0.06),
    "thick slices": Trial(noise=0.04, voxel_mm=(0.8, 0.5, 0.5)),
    "stress": Trial(
        kind=STRESSED,
        noise=0.06,
        slope_per_mm=0.03,
        blur_mm=(0.15, 0.38),
        centre_off_mm=0.7,
        radius_off=0.2,
    ),
}


@dataclass
class Outcome:
    """Errors of one trial."""

    error_mm: list[float] = field(default_factory=list)
    voxel_error_mm: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)
    fitted: list[bool] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    voxel_cpu_s: list[float] = field(default_factory=list)


def voxel_gap(volume: Volume, nerve: TrueTube, vessel: TrueTube) -> float:
    """What a distance map between perfect masks gives."""
    index = np.stack(np.indices(volume.grid.shape), axis=-1).astype(float)
    points = volume.grid.to_ras_mm(index)
    inside = nerve.depth(points) < 0
    distance = ndimage.distance_transform_edt(
        ~inside, sampling=volume.grid.voxel_size_mm
    )
    return float(distance[vessel.depth(points) < 0].min())


def run(trial: Trial, count: int, seed: int) -> Outcome:
    rng = np.random.default_rng(seed)
    outcome = Outcome()
    for number in range(count):
        gap = GAPS_MM[number % len(GAPS_MM)]
        nerve, vessel = random_pair(rng, gap, trial.kind)
        volume = draw(
            (nerve, vessel),
            rng=rng,
            voxel_mm=trial.voxel_mm,
            blur_mm=rng.uniform(*trial.blur_mm),
            noise=trial.noise,
            slope_per_mm=trial.slope_per_mm,
            fine=3,
        )

        def hand_over(tube: TrueTube):
            shift = rng.normal(size=3)
            shift *= rng.uniform(0, trial.centre_off_mm) / np.linalg.norm(shift)
            size = 1 + rng.uniform(-trial.radius_off, trial.radius_off)
            return tube.as_tube(half_length=5.0, shift=shift, radius_factor=size)

        found = segmentation(hand_over(nerve), [hand_over(vessel)])
        begun = time.process_time()
        (contact, *_) = measured(volume, found).contacts
        outcome.cpu_s.append(time.process_time() - begun)
        low, high = contact.distance_ci_mm
        outcome.error_mm.append(contact.distance_mm - gap)
        outcome.held.append(low <= gap <= high)
        outcome.fitted.append(contact.method == "tube-fit")
        begun = time.process_time()
        outcome.voxel_error_mm.append(voxel_gap(volume, nerve, vessel) - gap)
        outcome.voxel_cpu_s.append(time.process_time() - begun)
    return outcome


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    counts = {"clean": 15, "6 % noise": 40, "thick slices": 15, "stress": 30}
    return {
        name: run(trial, counts[name], seed=11 + number)
        for number, (name, trial) in enumerate(TRIALS.items())
    }


@pytest.mark.parametrize(
    ("name", "limit_mm"),
    [("clean", 0.006), ("6 % noise", 0.025), ("thick slices", 0.03), ("stress", 0.045)],
)
def test_gaps_are_sub_voxel(outcomes, name, limit_mm):
    outcome = outcomes[name]
    assert np.mean(np.abs(outcome.error_mm)) <= limit_mm
    # Distance maps between perfect masks are ten times worse.
    assert np.mean(np.abs(outcome.voxel_error_mm)) > 5 * limit_mm
    assert np.mean(outcome.fitted) >= 0.9


def test_intervals_hold_the_truth(outcomes):
    held = np.concatenate([outcome.held for outcome in outcomes.values()])
    assert np.mean(held) >= 0.92
