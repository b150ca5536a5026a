"""Grey windows: presets, and what dragging does."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from napari_nvc.shown import windows
from napari_nvc.shown.windows import PRESETS, Window

from nvc.model.grid import Volume
from nvc.model.study import SequenceRole
from tests.napari_nvc.spots import spot_volume


def test_dragging_widens_and_darkens():
    window = Window(black=0.0, white=100.0)
    assert window.drag(0.0, 0.0) == window
    wider = window.drag(150.0, 0.0)
    assert wider.white - wider.black > 100
    darker = window.drag(0.0, 30.0)
    assert darker.black == pytest.approx(10.0)
    assert darker.white - darker.black == pytest.approx(100.0)


def test_every_preset_separates_black_from_white():
    volume = spot_volume("RAS", np.eye(3))
    flat = Volume(grid=volume.grid, voxels=np.zeros(volume.grid.shape, np.float32))
    for presets in PRESETS.values():
        for preset in presets:
            for one in (volume, flat):
                window = preset.fit(one)
                assert window.black < window.white
    assert set(PRESETS) == {SequenceRole.T2, SequenceRole.T1, SequenceRole.TOF}


def test_the_examples_in_the_docstrings_run():
    result = doctest.testmod(windows)
    assert result.attempted > 0
    assert result.failed == 0
