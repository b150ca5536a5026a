"""GUI tests need a display; without one Qt would end the whole test run."""

from __future__ import annotations

import os
import sys
from threading import Event

import numpy as np
import pytest

from nvc.errors import Cancelled

NEEDS_DISPLAY = sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # `make_napari_viewer` puts a stand-in where napari keeps its plugins, and after it
    # napari cannot register them again: tests with viewers of their own come first.
    items.sort(
        key=lambda item: "make_napari_viewer" in getattr(item, "fixturenames", ())
    )
    if not NEEDS_DISPLAY:
        return
    reason = "needs a display: run `make gui`, or `xvfb-run -a pytest -m gui`"
    for item in items:
        if item.get_closest_marker("gui"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def opened():
    """A small study of its own: one bright block to the right, front and top."""
    from napari_nvc.shown.study import open_study

    from nvc.model.grid import Grid, Volume
    from nvc.model.study import SequenceRole, Series, Study

    affine = np.eye(4)
    affine[:3, 3] = (-20.0, -18.0, -15.0)
    voxels = np.full((40, 36, 30), 100.0, dtype=np.float32)
    voxels[28:36, 25:33, 20:27] = 1000.0
    volume = Volume(
        grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels
    )
    series = Series(
        role=SequenceRole.T2,
        volume=volume,
        sha256="0" * 64,
        orientation_source="sform",
        name="T2",
    )
    return open_study(Study(series={SequenceRole.T2: series}), ())


@pytest.fixture(scope="module")
def window(qapp):
    """One viewer with the panel for all tests here: starting one takes seconds."""
    import napari
    from napari_nvc.launch import add_panel

    viewer = napari.Viewer()
    panel = add_panel(viewer)
    yield panel
    panel.jobs.cancel()
    viewer.close()


@pytest.fixture
def panel(window, qtbot, monkeypatch, tmp_path, opened):
    """The panel with a small study just opened, and nothing measured."""
    from napari_nvc.shown import study

    monkeypatch.setenv("NVC_REVIEW_DIR", str(tmp_path / "reviews"))
    monkeypatch.setattr(study, "open_rows", lambda _: opened)
    monkeypatch.setattr(study, "measure", _never_ends)
    window.correct_page.ruler_button.setChecked(False)
    window.showing.show_plane("axial")
    for page in (window.read_page, window.sign_page):
        page.setEnabled(True)
    before = window.session
    window.open_rows([])
    qtbot.waitUntil(lambda: window.session is not before, timeout=60_000)
    qtbot.waitUntil(lambda: window.work is not None, timeout=60_000)
    yield window
    window.jobs.cancel()
    qtbot.waitUntil(lambda: window.work is None, timeout=60_000)


def _never_ends(_study, _state, on_progress, should_stop):
    on_progress("Following nerves and vessels", 0.5)
    while not should_stop():
        Event().wait(0.01)
    raise Cancelled("stopped")
