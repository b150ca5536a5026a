"""What lies in a folder and below it, each once, whatever links to what."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nvc.errors import InputError
from nvc.io.doors.gates import can_read, tell_path_kind

_PASSED_OVER = {
    "broken link": "link leads nowhere and was passed over",
    "missing": "link leads nowhere and was passed over",
    "special": "pipe or device was passed over",
    "again": "link leads to a folder that is here already",
    "outward": "link leads to what this folder lies in or beside, and was passed over",
    "deep": "folder lies too deep and was passed over",
}
_CLOSED = "file or folder may not be read and was passed over"


class Walk:
    """Goes through a folder, nearest first, in the order of names.

    Links to folders are followed, each folder once: a loop ends. Those to a folder
    that holds the first one, or lies beside it, are not: next to a patient's folder
    lie those of others. Hidden folders are left.

    Parameters
    ----------
    folder : Path
        Where to begin.
    where : str
        How errors name it.
    max_files, max_depth : int
        At most so many files, and folders so far below.
    """

    def __init__(
        self, folder: Path, where: str, *, max_files: int, max_depth: int
    ) -> None:
        self._start = folder
        self._own = folder.resolve()
        self._where = where
        self._max_files = max_files
        self._max_depth = max_depth
        self._passed: Counter[str] = Counter()
        self._closed: dict[Path, None] = {}

    def files(self) -> Iterator[Path]:
        """Yield every regular file; what is passed over is counted.

        Raises
        ------
        InputError
            If the first folder may not be read, or there are too many files.
        """
        count = 0
        for folder in self.folders():
            for path in self._inside(folder):
                kind = tell_path_kind(path)
                if kind == "closed" or (kind == "file" and not can_read(path)):
                    self._closed[path] = None
                elif kind == "file":
                    count += 1
                    if count > self._max_files:
                        raise InputError.of(
                            "too-many-files",
                            self._where,
                            f"holds more than {self._max_files} files.",
                            "Give the folder of one patient.",
                        )
                    yield path
                elif kind != "folder":
                    self._passed[_PASSED_OVER[kind]] += 1

    def folders(self) -> Iterator[Path]:
        """Yield the first folder and those below, each once."""
        self._passed.clear()
        self._closed.clear()
        try:
            os.listdir(self._start)
        except OSError as error:
            self._closed[self._start] = None
            raise InputError.of(
                "not-readable",
                self._where,
                f"is a folder that may not be read ({error.strerror}).",
                "Ask for permission to read it.",
            ) from error
        seen = {_identity(self._start)}
        level = [self._start]
        for depth in range(self._max_depth + 1):
            further: list[Path] = []
            for folder in level:
                yield folder
                further += [
                    path
                    for path in self._inside(folder)
                    if tell_path_kind(path) == "folder" and self._is_new(path, seen)
                ]
            if depth == self._max_depth:
                self._passed[_PASSED_OVER["deep"]] += len(further)
            level = further

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over, in plain words: ``"3 x link leads nowhere ..."``."""
        counts = {**self._passed, _CLOSED: len(self._closed)}
        return tuple(f"{count} x {what}" for what, count in counts.items() if count)

    @property
    def closed(self) -> tuple[Path, ...]:
        """What may not be read, as far as it was gone through."""
        return tuple(self._closed)

    def _inside(self, folder: Path) -> list[Path]:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            self._closed[folder] = None
            return []
        return [folder / name for name in names if not name.startswith(".")]

    def _is_new(self, folder: Path, seen: set[tuple[int, int]]) -> bool:
        own = _identity(folder)
        if own in seen:
            self._passed[_PASSED_OVER["again"]] += 1
            return False
        if self._leads_outward(folder):
            self._passed[_PASSED_OVER["outward"]] += 1
            return False
        seen.add(own)
        return True

    def _leads_outward(self, folder: Path) -> bool:
        """Tell whether a link leads to what holds, or lies beside, the first folder.

        Nor may it lead to what holds the link itself, elsewhere.
        """
        target = folder.resolve()
        if target == folder.parent.resolve() / folder.name:
            return False
        if self._own.is_relative_to(target) or target.parent == self._own.parent:
            return True
        return folder.parent.resolve().is_relative_to(target)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
