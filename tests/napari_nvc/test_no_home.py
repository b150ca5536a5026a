"""The reading room opens without home and network, from a read-only install."""

from __future__ import annotations

import os
import sys

import pytest

from tests.nvc.confined import (
    GUARDED,
    NOWHERE,
    ROOT,
    needs_mounts,
    read_only,
    run_python,
)

pytestmark = [pytest.mark.gui, pytest.mark.slow]

OPEN = """
import napari
from napari_nvc.launch import add_panel
from napari_nvc.shown import study
from qtpy.QtCore import QTimer
viewer = napari.Viewer()
panel = add_panel(viewer)
panel.open_rows(study.list_demo_rows())
def look():
    if panel.work is None or panel.session is not None:
        print(panel.session.path if panel.session else panel.jobs.status.text())
        viewer.close()  # while the study is read or measured
timer = QTimer()
timer.timeout.connect(look)
timer.start(300)
napari.run()
"""
"""As `nvc review` does; then what is open, or why nothing is."""


@needs_mounts
@pytest.mark.skipif(sys.platform != "linux", reason="needs mounts of its own")
def test_a_review_opens_or_says_what_to_set(tmp_path):
    chosen = str(tmp_path / "reviews")
    network = tmp_path / "network"
    shut = {
        "PYTHONPATH": os.pathsep.join([str(GUARDED), NOWHERE["PYTHONPATH"]]),
        "NVC_TEST_NETWORK": str(network),
    }
    for folder, told in ((chosen, chosen), ("", "Set NVC_REVIEW_DIR")):
        around = NOWHERE | shut | {"NVC_REVIEW_DIR": folder}
        done = run_python(read_only(ROOT), OPEN, **around)
        assert told in done.stdout, done.stderr
        assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "reviews").iterdir())) == 1
    assert not network.exists(), network.read_text()
