"""Choosing the files of a study: one line a sequence."""

from __future__ import annotations

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

from napari_nvc.review import ROLES, StudyPaths, demo_paths
from nvc.model.study import SequenceRole


class StudyChooser(QWidget):
    """Edits a `StudyPaths` value."""

    valueChanged = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lines = {role: QLineEdit() for role in ROLES}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, (role, line) in enumerate(self._lines.items()):
            line.setPlaceholderText("NIfTI file or DICOM folder")
            line.textChanged.connect(lambda _: self.valueChanged.emit(self.value()))
            file_button = QPushButton("File…")
            file_button.clicked.connect(lambda _, role=role: self._ask_file(role))
            folder_button = QPushButton("Folder…")
            folder_button.clicked.connect(lambda _, role=role: self._ask_folder(role))
            grid.addWidget(QLabel(role.value.upper()), row, 0)
            grid.addWidget(line, row, 1)
            grid.addWidget(file_button, row, 2)
            grid.addWidget(folder_button, row, 3)
        demo_button = QPushButton("Use the demo study")
        demo_button.clicked.connect(lambda: self.setValue(demo_paths()))
        grid.addWidget(demo_button, len(ROLES), 1, 1, 3)

    def value(self) -> StudyPaths:
        """Return the chosen files."""
        chosen = {role: line.text().strip() for role, line in self._lines.items()}
        return StudyPaths(
            t2=_path(chosen[SequenceRole.T2]),
            tof=_path(chosen[SequenceRole.TOF]),
            t1=_path(chosen[SequenceRole.T1]),
        )

    def setValue(self, paths: StudyPaths) -> None:
        """Show other files."""
        chosen = (paths.t2, paths.tof, paths.t1)
        for role, path in zip(ROLES, chosen, strict=True):
            self._lines[role].setText("" if path is None else str(path))

    def _ask_file(self, role: SequenceRole) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, f"{role.value.upper()}", "", "NIfTI (*.nii *.nii.gz)"
        )
        if path:
            self._lines[role].setText(path)

    def _ask_folder(self, role: SequenceRole) -> None:
        path = QFileDialog.getExistingDirectory(self, f"{role.value.upper()}")
        if path:
            self._lines[role].setText(path)


def _path(text: str) -> Path | None:
    return Path(text) if text else None
