"""A reader at the real viewer, in a process of its own that is killed while at work.

Usage: python -m tests.napari_nvc.killed_viewer TASK [REVIEW]

Every step is printed once it is done, so that the test knows what must be found again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

TIMEOUT_S = 400.0


def main(task: str, review: Path | None = None) -> None:
    """Do one of the tasks below until somebody ends this process."""
    import napari
    from napari_nvc.launch import add_panel

    panel = add_panel(napari.Viewer())
    if review is None:
        panel.open_page.demo_button.click()
    else:
        panel.open_paths([review])
    wait(lambda: panel.session is not None or "review" in panel.jobs.status.text())
    if panel.session is None:
        say("refused", panel.jobs.status.text())
        return
    say("opened", panel.session.path)
    _TASKS[task](panel)


def rate(panel: Any) -> None:
    """Rate one side while the study is measured, and wait to be killed."""
    from nvc.model.anatomy import Side

    wait(lambda: panel.work is not None)
    _rate(panel, Side.RIGHT)
    wait(lambda: False)


def correct(panel: Any) -> None:
    """Rate the other side, reveal, and change things until killed."""
    from qtpy.QtWidgets import QApplication

    from nvc.model.anatomy import Side

    _rate(panel, Side.LEFT)
    panel.read_page.reveal_button.click()
    wait(lambda: panel.showing.is_revealed and panel.work is None)
    say("revealed")
    number = 0
    while True:
        number += 1
        say("dragged", _drag(panel))
        say("painted", _stroke(panel))
        panel.correct_page.ruler_button.setChecked(True)
        for x in (0.0, float(number)):
            panel.views._point_at(np.array([0.0, 0.0, x]))
        say("ruler", number)
        QApplication.processEvents()  # the window works on meanwhile


def look(panel: Any) -> None:
    """Say what is on show after opening again."""
    wait(lambda: panel.showing.is_revealed and panel.work is None)
    say("rulers", panel.correct_page.rulers.count())
    say("landmark", panel.views.find_layer("Landmarks").data[0][1])
    say("changes", panel.correct_page.changes.text())
    panel.corrections.take_up()
    # Another drag, and the panel's own closing button while that is measured.
    say("last", _drag(panel))
    panel.corrections.take_up()
    assert panel.work is not None
    dock = panel.parent()
    while not hasattr(dock, "title"):
        dock = dock.parent()
    dock.title.close_button.click()
    leave(panel)


def leave(panel: Any) -> None:
    """Close the window while something is measured; the program ends by itself."""
    import napari
    from qtpy.QtCore import QTimer

    say("leaving", panel.work is not None)
    QTimer.singleShot(0, panel._viewer.close)
    napari.run()
    say("left")


_TASKS = {"rate": rate, "correct": correct, "look": look}


def _drag(panel: Any) -> float:
    """Move a landmark as a drag ends, by 0.1 mm; return where it is now."""
    layer = panel.views.find_layer("Landmarks")
    moved = np.array(layer.data)
    moved[0] += (0.0, 0.1, 0.0)
    layer.data = moved
    return float(moved[0, 1])


def _stroke(panel: Any) -> int:
    """Rub out a voxel of an artery as a brush does; return the number of strokes."""
    layer = panel.views.find_layer("Structures")
    place = np.argwhere(np.asarray(layer.data) == 5)[0]
    before = len(panel.session.state.paintings)
    with layer.block_history():
        layer.paint(place.astype(float), 0)
    assert len(panel.session.state.paintings) == before + 1
    return before + 1


def wait(until: Callable[[], bool]) -> None:
    """Let the viewer work until something is so."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + TIMEOUT_S
    while not until():
        if time.monotonic() > end:
            raise TimeoutError("the viewer did not get there")
        QApplication.processEvents()
        time.sleep(0.002)


def say(*words: object) -> None:
    """Tell the test what was done."""
    sys.stdout.write("\t".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _rate(panel: Any, side: Any) -> None:
    from nvc.model.review import Confidence, Rating

    panel.read_page.reader.setText("A. Reader")
    box = panel.read_page.sides[side]
    box.choose(Rating.CONTACT, Confidence.HIGH)
    box.record_button.click()
    say("rated", side)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
