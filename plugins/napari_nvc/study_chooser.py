"""Choosing the files of a study: a line a sequence, or one folder for all."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from napari_nvc.review import StudyPaths, demo_paths

_TITLES = {"t2": "T2", "tof": "TOF", "t1": "T1", "folder": "All"}
"""What each field of `StudyPaths` is called."""

_HINTS = {"folder": "study folder; roles are guessed"}


class StudyChooser(QWidget):
    """Edits a `StudyPaths` value."""

    valueChanged = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lines = {name: QLineEdit() for name in _TITLES}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, (name, line) in enumerate(self._lines.items()):
            line.setPlaceholderText(_HINTS.get(name, "NIfTI file or DICOM folder"))
            line.textChanged.connect(lambda _: self.valueChanged.emit(self.value()))
            file_button = QPushButton("File…")
            file_button.clicked.connect(lambda _, name=name: self._ask_file(name))
            file_button.setVisible(name != "folder")
            folder_button = QPushButton("Folder…")
            folder_button.clicked.connect(lambda _, name=name: self._ask_folder(name))
            grid.addWidget(QLabel(_TITLES[name]), row, 0)
            grid.addWidget(line, row, 1)
            grid.addWidget(file_button, row, 2)
            grid.addWidget(folder_button, row, 3)
        demo_button = QPushButton("Use the demo study")
        demo_button.clicked.connect(lambda: self.setValue(demo_paths()))
        grid.addWidget(demo_button, len(_TITLES), 1, 1, 3)

    def value(self) -> StudyPaths:
        """Return the chosen files."""
        chosen = {name: line.text().strip() for name, line in self._lines.items()}
        paths = {name: Path(text) for name, text in chosen.items() if text}
        return StudyPaths(**paths)

    def setValue(self, paths: StudyPaths) -> None:
        """Show other files."""
        for name, path in asdict(paths).items():
            self._lines[name].setText("" if path is None else str(path))

    def _ask_file(self, name: str) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, _TITLES[name], "", "NIfTI (*.nii *.nii.gz)"
        )
        if path:
            self._lines[name].setText(path)

    def _ask_folder(self, name: str) -> None:
        path = QFileDialog.getExistingDirectory(self, _TITLES[name])
        if path:
            self._lines[name].setText(path)
