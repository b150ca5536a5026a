"""A gap from centrelines alone is never more certain than they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.nvc.measurement.studies import measured, segmentation
from tests.nvc.measurement.tubes import draw, random_pair


@pytest.mark.parametrize("overlap_mm", [0.0, 0.5, 0.9])
def test_tubes_that_overlap_give_no_narrow_interval(overlap_mm):
    rng = np.random.default_rng(31)
    nerve, vessel = random_pair(rng, 0.3)
    # No vessel shows in the picture: only its centreline tells of it.
    picture = draw((nerve,), rng=rng, noise=0.03, fine=3)
    apart = vessel.centre - nerve.centre
    apart -= (apart @ nerve.along) * nerve.along
    nearer = replace(
        vessel,
        centre=vessel.centre - (0.3 + overlap_mm) * apart / np.linalg.norm(apart),
    )
    found = segmentation(nerve.as_tube(), [nearer.as_tube()])
    (contact, *_) = measured(picture, found).contacts
    assert contact.method != "tube-fit"
    assert contact.distance_ci_mm[0] == 0.0
    assert contact.distance_ci_mm[1] > 0.3
