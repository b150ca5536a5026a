"""Which fitted tubes count as the ones looked for."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from nvc.measurement.scene.fit import SceneFit
from nvc.measurement.scene.plausible import is_plausible
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()


class FakeFit:
    """A fit of one tube as it should be but for how far it stands out."""

    is_settled = True
    noise = 0.05
    shift_mm = np.array([0.1])

    class scene:
        class _tube:
            class contrast:
                mean = -0.5

            class course:
                radius_mm = 0.9

        tubes = (_tube,)

    def __init__(self, sds: float) -> None:
        self._sds = sds

    def contrast(self, _tube: int) -> float:
        return -0.5

    def significance(self, _tube: int) -> float:
        return self._sds

    def radius_mm(self, _tube: int) -> float:
        return 0.9


def fit(sds: float) -> SceneFit:
    return cast("Any", FakeFit(sds))


def test_a_faint_tube_counts_only_where_it_is_known_to_run():
    faint = 0.5 * (SETTINGS.known_contrast_sd + SETTINGS.least_contrast_sd)
    assert not is_plausible(fit(faint), 0, SETTINGS)
    assert is_plausible(fit(faint), 0, SETTINGS, is_known=True)


def test_what_is_not_seen_at_all_counts_nowhere():
    unseen = 0.5 * SETTINGS.known_contrast_sd
    assert not is_plausible(fit(unseen), 0, SETTINGS, is_known=True)


def test_a_clear_tube_counts():
    assert is_plausible(fit(2 * SETTINGS.least_contrast_sd), 0, SETTINGS)
