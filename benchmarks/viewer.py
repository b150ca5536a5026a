"""How quick the reading room is: opening, moving the crosshair, measuring again.

Usage: xvfb-run -a -s "-screen 0 1920x1200x24" python -m benchmarks.viewer

Times on the clock mean something on an idle machine alone; processor times mean much
the same on any.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOVES = 60
TIMEOUT_S = 1200.0
WIDTH, HEIGHT = 1760, 1000
"""Pixels of the window: those of a common screen; a small window draws quicker."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How long something took, on the clock and of the processors."""

    wall_s: float
    cpu_s: float


class Clock:
    """Measures from when it is made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self) -> Taken:
        """Return what has passed."""
        return Taken(time.perf_counter() - self._wall, time.process_time() - self._cpu)


def main() -> int:
    """Print every figure beside its target; return an exit code."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NVC_REVIEW_DIR"] = folder
        return _bench()


def _bench() -> int:
    clock = Clock()
    import napari
    from qtpy.QtWidgets import QApplication

    viewer = napari.Viewer()
    viewer.window.resize(WIDTH, HEIGHT)
    QApplication.processEvents()
    rows = [("napari's own start", clock.taken(), "")]

    def wait(until: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("the viewer did not get there")
            QApplication.processEvents()
            time.sleep(0.002)

    clock = Clock()
    from napari_nvc.launch import add_panel

    panel = add_panel(viewer)
    QApplication.processEvents()
    rows.append(("the panel, empty", clock.taken(), ""))
    panel.open_page.demo_button.click()
    wait(lambda: all(view.picture is not None for view in panel.views.planes))
    # What is posted is drawn: the large view and both planes show the T2.
    for _ in range(3):
        QApplication.processEvents()
    rows.append(("opening the sample, first view", clock.taken(), "under 5 s"))
    clock = Clock()
    wait(lambda: panel.reviewed is not None and panel.work is None)
    rows.append(("measuring, in the background", clock.taken(), ""))
    clock = Clock()
    _rate_and_reveal(panel)
    wait(lambda: panel.work is None and panel.showing.is_revealed)
    for _ in range(3):
        QApplication.processEvents()
    rows.append(("revealing", clock.taken(), ""))
    wait(_after(1.0))
    rows += _moves(panel, QApplication.processEvents)
    rows.append(("landmark moved to numbers shown", _again(panel, wait), "under 1 s"))
    for name, taken, target in rows:
        sys.stdout.write(
            f"{name:38s} {taken.wall_s:8.3f} s   "
            f"processor {taken.cpu_s:8.3f} s   {target}\n"
        )
    memory_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    sys.stdout.write(f"{'most memory':38s} {memory_gib:8.2f} GiB   under 2 GiB\n")
    viewer.close()
    return 0


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _rate_and_reveal(panel: object) -> None:
    from nvc.model.anatomy import Side
    from nvc.model.review import Confidence, Rating

    page = panel.read_page  # type: ignore[attr-defined]
    page.reader.setText("benchmark")
    for side in Side:
        page.sides[side].choose(Rating.CANNOT_SAY, Confidence.LOW)
        page.sides[side].record_button.click()
    page.reveal_button.click()


def _moves(panel: object, redraw: Callable[[], None]) -> list[tuple[str, Taken, str]]:
    """Move about the contact, each time until every plane is drawn; medians.

    Within the slice of the large view, as a click there does, and through it.
    """
    views = panel.views  # type: ignore[attr-defined]
    start = np.array(views.point_mm)
    rows = []
    for name, depth in (("within the large slice", 0.0), ("to another slice", 0.5)):
        taken = []
        for number in range(MOVES):
            step = [number % 7, number % 5, number % 3] * np.array([0.5, 0.5, depth])
            x, y, z = (start + step).tolist()
            clock = Clock()
            views.go_to((x, y, z), centre=False)
            redraw()
            redraw()
            taken.append(clock.taken())
        median = Taken(
            statistics.median(one.wall_s for one in taken),
            statistics.median(one.cpu_s for one in taken),
        )
        rows.append((f"crosshair moved {name}", median, "under 0.1 s"))
    return rows


def _again(panel: object, wait: Callable[[Callable[[], bool]], None]) -> Taken:
    """Move a landmark and wait for the new numbers."""
    views, session = panel.views, panel.session  # type: ignore[attr-defined]
    layer = views.find_layer("Landmarks")
    moved = np.array(layer.data)
    moved[0] += 0.5
    clock = Clock()
    layer.data = moved
    wait(lambda: bool(session.state.landmarks) and not session.state.is_stale)
    return clock.taken()


if __name__ == "__main__":
    sys.exit(main())
