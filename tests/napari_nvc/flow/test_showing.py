"""The views obey their controls."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.gui


def test_window_slab_and_tof_obey_their_controls(panel):
    controls, viewer = panel.controls, panel._viewer
    layer = viewer.layers["T2"]
    seen = set()
    for number in range(controls.preset.count()):
        controls.preset.activated.emit(number)
        seen.add(tuple(layer.contrast_limits))
    assert controls.preset.count() == 3
    assert all(black < white for black, white in seen)
    controls.slab_mm.setValue(4.0)
    assert viewer.dims.margin_left[0] == viewer.dims.margin_right[0] == 2.0
    assert layer.projection_mode == "max"
    controls.slab_mode.setCurrentIndex(1)
    assert layer.projection_mode == "min"
    controls.slab_mm.setValue(0.0)
    controls.slab_mode.setCurrentIndex(0)
    assert layer.projection_mode == "none"
    assert not controls.tof.isEnabled()  # this study has none
