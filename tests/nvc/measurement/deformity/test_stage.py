"""A nerve pressed in or pushed aside by a known amount."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from nvc.model.findings import Contact
from nvc.model.stages import Tube
from tests.nvc.measurement.studies import measured, segmentation
from tests.nvc.measurement.tubes import Ellipse, TrueTube, draw, random_rotation


@dataclass(frozen=True, kw_only=True, eq=False)
class PressedNerve(TrueTube):
    """Straight but for a groove and a push, both against its `side` direction."""

    groove: float = 0.0
    push: float = 0.0

    def _shape(self, arc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the centre moved, and the half thickness, along the nerve."""
        narrow = np.exp(-0.5 * arc**2)
        wide = np.exp(-0.5 * (arc / 2.0) ** 2)
        moved = self.push * wide + 0.5 * self.groove * narrow
        return moved, self.section.a - 0.5 * self.groove * narrow

    def course(self, arc: np.ndarray) -> np.ndarray:
        moved, _ = self._shape(np.asarray(arc))
        return super().course(arc) - moved[..., None] * self.side

    def depth(self, points: np.ndarray) -> np.ndarray:
        offset = points - self.centre
        moved, half = self._shape(offset @ self.along)
        other = self.section.a**2 / half
        p, q = offset @ self.side + moved, offset @ self.third
        level = np.sqrt((p / half) ** 2 + (q / other) ** 2) + 1e-9
        slope = np.sqrt((p / half**2) ** 2 + (q / other**2) ** 2) / level + 1e-9
        return (level - 1) / slope

    def wall(self) -> float:
        moved, half = self._shape(np.zeros(1))
        return float(half[0] - moved[0])


def pressed_by_a_vessel(
    rng: np.random.Generator, *, groove: float = 0.0, push: float = 0.0
) -> tuple[PressedNerve, TrueTube]:
    """A nerve lying anyhow, and the vessel that touches it."""
    frame = random_rotation(rng)
    nerve = PressedNerve(
        centre=np.zeros(3),
        along=frame[:, 0],
        side=frame[:, 1],
        section=Ellipse(a=0.9, b=0.9),
        contrast=-0.55,
        groove=groove,
        push=push,
    )
    vessel = TrueTube(
        centre=(nerve.wall() + 0.6) * frame[:, 1],
        along=frame[:, 2],
        side=frame[:, 0],
        section=Ellipse(a=0.6, b=0.6),
        contrast=-0.9,
    )
    return nerve, vessel


def contact(groove: float, push: float, seed: int) -> Contact:
    rng = np.random.default_rng(seed)
    nerve, vessel = pressed_by_a_vessel(rng, groove=groove, push=push)
    picture = draw(
        (nerve, vessel),
        rng=rng,
        voxel_mm=(0.45, 0.45, 0.5),
        half_mm=9.0,
        noise=0.03,
        fine=2,
    )
    given: Tube = nerve.as_tube(half_length=9.0, shift=rng.normal(0, 0.08, 3))
    given = replace(given, position_sd_mm=np.full(len(given.points_mm), 0.15))
    found = segmentation(given, [vessel.as_tube(half_length=7.0)])
    return measured(picture, found).contacts[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_untouched_shape_shows_no_deformity(seed):
    found = contact(0.0, 0.0, seed)
    assert found.indentation_mm == 0.0
    assert found.deviation_mm == 0.0


@pytest.mark.parametrize("seed", [4, 5])
def test_a_groove_is_an_indentation_and_no_deviation_of_note(seed):
    found = contact(0.5, 0.0, seed)
    assert found.indentation_mm == pytest.approx(0.5, abs=0.2)
    # The centre of a grooved section lies half the groove deeper.
    assert found.deviation_mm is not None
    assert found.deviation_mm < 0.5


@pytest.mark.parametrize("seed", [6, 7])
def test_a_push_is_a_deviation_and_no_indentation(seed):
    found = contact(0.0, 1.0, seed)
    assert found.indentation_mm == 0.0
    assert found.deviation_mm == pytest.approx(1.0, abs=0.4)
