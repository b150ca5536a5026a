"""Dialogs for files and folders that keep no trace of what was chosen.

Qt's own dialog writes down which folders were looked at, for the next program; a folder
may bear a patient's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qtpy.QtCore import QSettings
from qtpy.QtWidgets import QFileDialog, QWidget

_TRACES = ("FileDialog/history", "FileDialog/lastVisited")


def choose_folder(parent: QWidget, title: str) -> Path | None:
    """Return a folder, or None where none was chosen."""
    with leaving_no_trace():
        folder = QFileDialog.getExistingDirectory(parent, title)
    return Path(folder) if folder else None


def choose_files(parent: QWidget, title: str, kinds: str) -> list[Path]:
    """Return the chosen files of some kinds, such as ``"Images (*.nii)"``."""
    with leaving_no_trace():
        names, _ = QFileDialog.getOpenFileNames(parent, title, "", kinds)
    return [Path(name) for name in names]


def choose_file(parent: QWidget, title: str, kinds: str) -> Path | None:
    """Return the chosen file of some kinds, or None."""
    with leaving_no_trace():
        name, _ = QFileDialog.getOpenFileName(parent, title, "", kinds)
    return Path(name) if name else None


@contextmanager
def leaving_no_trace() -> Iterator[None]:
    """Put back what Qt's dialogs remember, as it was before the block."""
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    before = {name: kept.value(name) for name in _TRACES}
    try:
        yield
    finally:
        kept.sync()
        for name, value in before.items():
            if value is None:
                kept.remove(name)
            else:
                kept.setValue(name, value)
        kept.sync()
