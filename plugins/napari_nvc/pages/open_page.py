"""Opening a study: what was found, its guessed roles, and the reader's choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_nvc.pages.choosing import choose_file, choose_files, choose_folder
from napari_nvc.shown.study import SeriesRow
from nvc.io.records.review_log import REVIEW_SUFFIX
from nvc.model.study import SequenceRole

_COLUMNS = ("Series", "Used as", "Voxels", "Size (mm)", "Why")
_ROLES = (SequenceRole.T2, SequenceRole.TOF, SequenceRole.T1, SequenceRole.OTHER)
_ROLE_WORDS = {SequenceRole.OTHER: "not used"}


class OpenPage(QWidget):
    """Edits a list of `SeriesRow`; takes files and folders dropped on it."""

    pathsChosen = Signal(object)
    openAsked = Signal(object)
    demoAsked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.problems = QLabel()
        self.folder_button = QPushButton("Add a folder…")
        self.files_button = QPushButton("Add files…")
        self.demo_button = QPushButton("Demo study")
        self.review_button = QPushButton("Open a review…")
        self.open_button = QPushButton("Open study")
        self._rows: list[SeriesRow] = []
        self._build()
        self.setValue([])

    def value(self) -> list[SeriesRow]:
        """Return the series with the roles that are chosen now."""
        return list(self._rows)

    def setValue(self, rows: Sequence[SeriesRow], problems: Sequence[str] = ()) -> None:
        """Show series; a line a series."""
        self._rows = list(rows)
        self.table.setRowCount(len(self._rows))
        for line, row in enumerate(self._rows):
            cells = (
                f"{line + 1}",
                "",
                row.shape,
                row.voxels,
                row.problem or row.reason,
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                # A name may hold what a tip would take for markup.
                item.setToolTip(f"<qt>{escape(text or row.path.name)}</qt>")
                self.table.setItem(line, column, item)
            self.table.setCellWidget(line, 1, self._role_box(line, row))
        self.problems.setText("\n".join(problems))
        self.problems.setVisible(bool(problems))
        self.open_button.setEnabled(bool(self._rows))

    def add(self, rows: Sequence[SeriesRow], problems: Sequence[str] = ()) -> None:
        """Show further series; those of a path that was listed before are renewed."""
        new = {row.path for row in rows}
        self.setValue([*(r for r in self._rows if r.path not in new), *rows], problems)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Accept files and folders."""
        if event is not None and (mime := event.mimeData()) and mime.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Take the files and folders that were dropped; a link to a page is none."""
        if event is not None and (mime := event.mimeData()):
            local = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
            self.take([Path(name) for name in local])

    def take(self, paths: Sequence[Path]) -> None:
        """Take files and folders: a review is opened, its images looked for in them.

        Without a review, what is in them is listed.
        """
        if paths:
            self.pathsChosen.emit(list(paths))

    def _build(self) -> None:
        self.table.setHorizontalHeaderLabels(_COLUMNS)
        across, down = self.table.horizontalHeader(), self.table.verticalHeader()
        if across is not None and down is not None:  # a table has both
            fitting = QHeaderView.ResizeMode.ResizeToContents
            across.setSectionResizeMode(fitting)
            across.setSectionResizeMode(
                len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch
            )
            down.hide()
            down.setSectionResizeMode(fitting)
        self.table.setMinimumHeight(90)
        self.table.setToolTip("What was found; change what each series is used as")
        self.problems.setWordWrap(True)
        self.problems.setTextFormat(Qt.TextFormat.PlainText)
        self.problems.setStyleSheet("color: #ff9f0a;")
        for button, tip, action in (
            (self.folder_button, "A DICOM folder or a folder of files", self._folder),
            (self.files_button, "NIfTI files", self._files),
            (self.demo_button, "A phantom that comes with it", self.demoAsked.emit),
            (
                self.review_button,
                "Continue a review: its images are looked for beside it, and where the "
                "series in the list are",
                self._review,
            ),
            (self.open_button, "Read these series and begin", self._open),
        ):
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, act=action: act())
        hint = QLabel("Drop a folder or files here, or choose them:")
        grid = QGridLayout()
        for number, button in enumerate(
            (
                self.folder_button,
                self.files_button,
                self.demo_button,
                self.review_button,
            )
        ):
            grid.addWidget(button, number // 2, number % 2)
        layout = QVBoxLayout(self)
        layout.addWidget(hint)
        layout.addLayout(grid)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.problems)
        layout.addWidget(self.open_button)

    def _role_box(self, line: int, row: SeriesRow) -> QComboBox:
        box = QComboBox()
        box.addItems([_ROLE_WORDS.get(role, role.upper()) for role in _ROLES])
        box.setCurrentIndex(_ROLES.index(row.role))
        box.setEnabled(not row.problem)
        box.setToolTip("Guessed; change it where you know better")
        box.currentIndexChanged.connect(lambda at: self._set_role(line, _ROLES[at]))
        return box

    def _set_role(self, line: int, role: SequenceRole) -> None:
        self._rows[line] = replace(self._rows[line], role=role)

    def _open(self) -> None:
        self.openAsked.emit(self.value())

    def _folder(self) -> None:
        path = choose_folder(self, "Folder of a study")
        if path is not None:
            self.take([path])

    def _files(self) -> None:
        kinds = "NIfTI (*.nii *.nii.gz);;All files (*)"
        self.take(choose_files(self, "Files of a study", kinds))

    def _review(self) -> None:
        path = choose_file(self, "Review", f"Reviews (*{REVIEW_SUFFIX})")
        if path is not None:
            listed = dict.fromkeys(row.path for row in self._rows)
            self.take([path, *listed])
