"""The help panel: what the keys and the mouse do."""

from __future__ import annotations

from html import escape

from qtpy.QtWidgets import QTextBrowser

KEYS = {
    "1": "axial plane in the large view",
    "2": "coronal plane in the large view",
    "3": "sagittal plane in the large view",
    "O": "overlay on or off",
    "N": "the other side",
    "C": "to the contact of this side",
    "J": "next place within reach",
    "K": "previous place within reach",
    "M": "new ruler: click its two ends",
    "G": "to the page for signing",
}
_MOUSE = {
    "Click": "moves the crosshair of all views",
    "Right drag": "window (sideways) and level (up and down)",
    "Wheel": "next slice in the small planes; zoom in the large one",
    "Ctrl + wheel": "zoom in the small planes; slices in the large one",
    "Drag in 3D": "turns the surfaces; red is where they touch",
}
_STEPS = (
    ("Open", "a study, and check what each series is used as."),
    ("Read", "both sides without help, and record what you see."),
    ("Findings", "are shown after that; a click goes there."),
    ("Correct", "landmarks and labels; everything is measured again at once."),
    ("Sign", "each side after answering the list of other causes, and hand over."),
)


class HelpPage(QTextBrowser):
    """Lists the steps, the keys and the mouse."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip("Keys, mouse and steps")
        steps = "".join(f"<li><b>{name}</b> {text}</li>" for name, text in _STEPS)
        self.setHtml(
            f"<h3>Steps</h3><ol>{steps}</ol>"
            f"<h3>Keys</h3>{_table(KEYS)}<h3>Mouse</h3>{_table(_MOUSE)}"
            "<p>Every step is on the disk at once: a drag or a stroke when the button "
            "is let go, napari's own undo of a stroke a quarter of a second later. "
            "What cannot be written stays on show as not saved.</p>"
            "<p>Left and right are the patient's; the patient's right is on the left "
            "of the screen.</p>"
        )


def _table(rows: dict[str, str]) -> str:
    cells = "".join(
        f"<tr><td><b>{escape(key)}</b>&nbsp;&nbsp;</td><td>{escape(text)}</td></tr>"
        for key, text in rows.items()
    )
    return f"<table cellpadding='2'>{cells}</table>"
