"""Make the pictures of the reading room: a whole review of the demo study in napari.

Usage: xvfb-run -a -s "-screen 0 1920x1200x24" python docs/viewer_pictures.py
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 1760, 1040
TIMEOUT_S = 1200.0


def main() -> int:
    """Write ``docs/images/review-*.png``; return an exit code."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NVC_REVIEW_DIR"] = folder
        _walk()
    return 0


def _walk() -> None:
    import napari
    from napari_nvc.launch import add_panel
    from qtpy.QtWidgets import QApplication

    from nvc.model.anatomy import Side

    viewer = napari.Viewer(title="NVC Review")
    panel = add_panel(viewer)

    def settle() -> None:
        for _ in range(30):
            QApplication.processEvents()
            time.sleep(0.02)

    def wait(until: Callable[[], bool]) -> None:
        end = time.monotonic() + TIMEOUT_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError("the viewer did not get there")
            settle()

    def photograph(name: str) -> None:
        settle()
        pixels = viewer.window.screenshot(canvas_only=False, flash=False)
        image = Image.fromarray(pixels).convert("RGB")
        image.save(IMAGES / f"review-{name}.png", optimize=True)

    settle()
    viewer.window.resize(WIDTH, HEIGHT)
    IMAGES.mkdir(exist_ok=True)
    from napari_nvc.shown.study import list_demo_rows, list_rows

    panel.open_page.setValue(*list_rows([list_demo_rows()[0].path.parent]))
    photograph("start")
    panel.open_page.demo_button.click()
    wait(lambda: panel.reviewed is not None and panel.work is None)
    panel.go_to_side(Side.RIGHT)
    _rate(panel)
    photograph("blinded")
    panel.read_page.reveal_button.click()
    wait(lambda: panel.work is None and panel.showing.is_revealed)
    panel.controls.tof.setValue(35)
    photograph("revealed")
    _sign(panel)
    photograph("signed")
    panel.views.close()
    viewer.close()


def _rate(panel: object) -> None:
    """Rate both sides as a reader would."""
    from nvc.model.anatomy import Side
    from nvc.model.review import Confidence, Rating

    page = panel.read_page  # type: ignore[attr-defined]
    page.reader.setText("A. Reader")
    for side, rating in ((Side.RIGHT, Rating.CONTACT), (Side.LEFT, Rating.CANNOT_SAY)):
        page.sides[side].choose(rating, Confidence.MODERATE)
        page.sides[side].record_button.click()


def _sign(panel: object) -> None:
    """Answer the checklist and sign both sides."""
    from nvc.model.anatomy import Side
    from nvc.model.review import RuleOut, Verdict

    page = panel.sign_page  # type: ignore[attr-defined]
    for box in page.answers.values():
        box.setCurrentIndex(box.findData(RuleOut.NOT_SEEN_HERE.value))
    for side, verdict, reason in (
        (Side.RIGHT, Verdict.AGREE, ""),
        (Side.LEFT, Verdict.NOT_ASSESSABLE, "too thin for this scan"),
    ):
        box = page.sides[side]
        box.verdict.setCurrentIndex(box.verdict.findData(verdict.value))
        box.reason.setText(reason)
        box.button.click()
    panel.pages.setCurrentIndex(4)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
