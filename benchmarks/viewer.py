"""How quick the reading room is: opening, moving the crosshair, measuring again.

Usage: xvfb-run -a python -m benchmarks.viewer        (on an idle machine)
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

MOVES = 60
TIMEOUT_S = 1200.0


def main() -> int:
    """Print every figure beside its target; return an exit code."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NVC_REVIEW_DIR"] = folder
        return _bench()


def _bench() -> int:
    begun = time.perf_counter()
    import napari
    from qtpy.QtWidgets import QApplication

    viewer = napari.Viewer()
    QApplication.processEvents()
    own_s = time.perf_counter() - begun

    def wait(until: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("the viewer did not get there")
            QApplication.processEvents()
            time.sleep(0.002)

    from napari_nvc.launch import add_panel

    begun = time.perf_counter()
    panel = add_panel(viewer)
    panel.open_page.demo_button.click()
    wait(lambda: panel.session is not None)
    QApplication.processEvents()
    opened_s = time.perf_counter() - begun
    wait(lambda: panel.reviewed is not None and panel.work is None)
    _rate_and_reveal(panel)
    wait(lambda: panel.work is None and panel.showing.is_revealed)
    for _ in range(20):
        QApplication.processEvents()
    moves_ms, cpu_ms = _moves(panel, QApplication.processEvents)
    again_s = _again(panel, wait)
    memory_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = (
        ("napari's own start", own_s, "s", ""),
        ("opening the sample, first view", opened_s, "s", "under 5"),
        ("moving the crosshair, median", float(np.median(moves_ms)), "ms", "under 100"),
        ("the same, processor time", float(np.median(cpu_ms)), "ms", ""),
        ("landmark moved to numbers shown", again_s, "s", "under 1"),
        ("most memory", memory_gib, "GiB", "under 2"),
    )
    for name, value, unit, target in rows:
        sys.stdout.write(f"{name:34s} {value:8.2f} {unit:4s} {target}\n")
    viewer.close()
    return 0


def _rate_and_reveal(panel: object) -> None:
    from nvc.model.anatomy import Side
    from nvc.model.review import Confidence, Rating

    page = panel.read_page  # type: ignore[attr-defined]
    page.reader.setText("benchmark")
    for side in Side:
        page.sides[side].choose(Rating.CANNOT_SAY, Confidence.LOW)
        page.sides[side].record_button.click()
    page.reveal_button.click()


def _moves(
    panel: object, redraw: Callable[[], None]
) -> tuple[list[float], list[float]]:
    """Move about the contact, each time until every view is drawn."""
    views = panel.views  # type: ignore[attr-defined]
    start = np.array(views.point_mm)
    wall, cpu = [], []
    for number in range(MOVES):
        step = np.array([number % 7, number % 5, number % 3]) * 0.5
        x, y, z = (start + step).tolist()
        wall_0, cpu_0 = time.perf_counter(), time.process_time()
        views.go_to((x, y, z), centre=False)
        redraw()
        redraw()
        wall.append(1e3 * (time.perf_counter() - wall_0))
        cpu.append(1e3 * (time.process_time() - cpu_0))
    return wall, cpu


def _again(panel: object, wait: Callable[[Callable[[], bool]], None]) -> float:
    """Move a landmark and wait for the new numbers."""
    views, session = panel.views, panel.session  # type: ignore[attr-defined]
    layer = views.layer("Landmarks")
    moved = np.array(layer.data)
    moved[0] += 0.5
    begun = time.perf_counter()
    layer.data = moved
    wait(lambda: bool(session.state.landmarks) and not session.state.is_stale)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
