"""A review as a file: one JSON object a line, each bound to the one before.

Every line holds the sha256 of its own content and that of the line before, so that a
changed byte shows, and where. An event is on the disk before `append` returns: a
program that dies loses at most the event it was writing. Who can write the file could
also write a new chain: only the seal (the last sha256), kept elsewhere, proves that a
log is the one that was signed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from nvc.errors import InputError, NotSavedError
from nvc.io.doors.caches import find_home
from nvc.io.doors.gates import require_readable
from nvc.io.doors.lock import hold
from nvc.io.doors.text_file import parse_json_object
from nvc.model.review import Event, EventKind

REVIEW_SUFFIX = ".review"
REVIEW_FOLDER_VARIABLE = "NVC_REVIEW_DIR"
_CHOOSE_FOLDER = f"Set {REVIEW_FOLDER_VARIABLE} to a folder that can be written to."
_GIVE_REVIEW = f"Give a {REVIEW_SUFFIX} file as the reading room wrote it."
_MAX_BYTES = 2**28
_KEYS = ["number", "time", "kind", "data", "previous", "sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReading:
    """A log as it was read.

    Parameters
    ----------
    events : tuple of Event
        All whole events, in order.
    is_torn : bool
        Whether the file ends within an event that was never completed.
    size : int
        Bytes up to the end of the last whole event.
    """

    events: tuple[Event, ...]
    is_torn: bool
    size: int


def read_log(path: Path) -> LogReading:
    """Read a review and check its chain.

    Raises
    ------
    InputError
        If it cannot be read, is no review, or was changed; the first event that does
        not fit is named.
    """
    where = str(path)
    require_readable(path, where, max_bytes=_MAX_BYTES)
    content = path.read_bytes()
    whole, newline, rest = content.rpartition(b"\n")
    if not newline:
        raise InputError.of(
            "not-a-review", where, "holds no event of a review.", _GIVE_REVIEW
        )
    events: list[Event] = []
    for line in whole.split(b"\n"):
        previous = events[-1].sha256 if events else ""
        events.append(_event(line, len(events) + 1, previous, where))
    if events[0].kind is not EventKind.OPENED:
        raise InputError.of(
            "not-a-review", where, "does not begin with its inputs.", _GIVE_REVIEW
        )
    return LogReading(events=tuple(events), is_torn=bool(rest), size=len(whole) + 1)


class ReviewLog:
    """Appends events to a file, each safely on the disk before the next.

    Parameters
    ----------
    path : Path
        Made where missing; an existing review is read, checked and continued.

    Raises
    ------
    InputError
        If the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self.was_torn = False
        self._size = 0
        self._lock = RLock()
        if path.exists():
            reading = read_log(path)
            self.events = list(reading.events)
            self.was_torn = reading.is_torn
            self._size = reading.size
            if reading.is_torn:
                self._cut()

    @property
    def seal(self) -> str:
        """sha256 of the last event."""
        return self.events[-1].sha256 if self.events else ""

    def next_event(self, kind: EventKind, data: Mapping[str, Any]) -> Event:
        """Return the event that would come next; nothing is written."""
        return _sealed(
            Event(
                number=len(self.events) + 1,
                time=datetime.now(UTC).isoformat(timespec="milliseconds"),
                kind=kind,
                data=json.loads(json.dumps(dict(data), allow_nan=False)),
                previous=self.seal,
            )
        )

    def append(self, event: Event) -> None:
        """Write an event made by `next_event`; on the disk when this returns.

        Raises
        ------
        NotSavedError
            If the file cannot be written, another program has changed it, or another
            event has come since this one was made; the file is then as before.
        """
        with self._lock:
            try:
                self._append(event)
            except InputError as error:
                raise NotSavedError(*error.problems) from error

    def _append(self, event: Event) -> None:
        if event.previous != self.seal:
            raise InputError.of(
                "review-went-on",
                str(self.path),
                "went on while this was being done; it is not recorded.",
                "Do it again.",
            )
        line = _line(event)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            handle = os.open(self.path, flags | getattr(os, "O_BINARY", 0), 0o600)
            try:
                hold(handle, str(self.path))
                self._write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            raise InputError.of(
                "not-writable",
                str(self.path),
                f"cannot be written ({error.strerror}); the change is not saved.",
                "" if self.events else _CHOOSE_FOLDER,
            ) from error
        self._size += len(line)
        self.events.append(event)

    def _write(self, handle: int, line: bytes) -> None:
        """Write a line whole, or leave the file as it was: a disk may be full."""
        if os.fstat(handle).st_size != self._size:
            raise InputError.of(
                "review-changed",
                str(self.path),
                "was changed by another program while it was open here.",
                "Close the other one and open the review again.",
            )
        try:
            _write_all(handle, line)
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, self._size)
            raise

    def _cut(self) -> None:
        """Take away the beginning of an event that was never completed."""
        try:
            with self.path.open("r+b") as stream:
                hold(stream.fileno(), str(self.path))
                # Another program may just have been writing what looked torn.
                reading = read_log(self.path)
                self.events, self._size = list(reading.events), reading.size
                stream.truncate(self._size)
        except OSError as error:
            raise InputError.of(
                "not-writable",
                str(self.path),
                f"cannot be written ({error.strerror}), and ends within a change.",
                "Copy it to where it may be written, and open the copy.",
            ) from error


def find_review_folder() -> Path:
    """Where new reviews are kept: ``NVC_REVIEW_DIR``, else ``nvc-reviews`` at home.

    Raises
    ------
    InputError
        If there is no home, and nothing was chosen.
    """
    chosen = os.environ.get(REVIEW_FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    home = find_home()
    if home is None:
        raise InputError.of(
            "no-home", "Reviews", "have no home folder to be kept in.", _CHOOSE_FOLDER
        )
    return home / "nvc-reviews"


def name_new_review(study_key: str) -> Path:
    """Return a file name that is free and tells no identifier."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    stem = f"{study_key[:8]}-{stamp}"
    folder = find_review_folder()
    path = folder / f"{stem}{REVIEW_SUFFIX}"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}{REVIEW_SUFFIX}"
        number += 1
    return path


def is_review(path: Path) -> bool:
    """Tell by its name and first bytes whether a file is a review."""
    if path.suffix != REVIEW_SUFFIX or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(12).startswith(b'{"number":1,')


def _write_all(handle: int, line: bytes) -> None:
    written = 0
    while written < len(line):
        written += os.write(handle, line[written:])


def _content(event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "time": event.time,
        "kind": event.kind.value,
        "data": event.data,
        "previous": event.previous,
    }


def _plain(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(
        content, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return text.encode()


def _sealed(event: Event) -> Event:
    digest = hashlib.sha256(_plain(_content(event))).hexdigest()
    return Event(
        number=event.number,
        time=event.time,
        kind=event.kind,
        data=event.data,
        previous=event.previous,
        sha256=digest,
    )


def _line(event: Event) -> bytes:
    return _plain(_content(event) | {"sha256": event.sha256}) + b"\n"


def _event(line: bytes, number: int, previous: str, where: str) -> Event:
    """Read one line; anything that its writer would not have written is refused."""
    try:
        content = parse_json_object(line.decode(), where)
        kind = EventKind(content["kind"])
        if list(content) != _KEYS or not isinstance(content["data"], dict):
            raise KeyError("keys")
        event = Event(
            number=content["number"],
            time=content["time"],
            kind=kind,
            data=content["data"],
            previous=content["previous"],
            sha256=content["sha256"],
        )
        # What no writer could have written (NaN, half a letter) cannot be sealed.
        is_sealed = _sealed(event).sha256 == event.sha256
        is_as_written = is_sealed and _line(event) == line + b"\n"
    except (InputError, ValueError, KeyError, RecursionError) as error:
        if number == 1:
            raise InputError.of(
                "not-a-review", where, "is no review.", _GIVE_REVIEW
            ) from error
        raise _changed(where, number, "cannot be read") from error
    if not is_as_written:
        raise _changed(where, number, f"({kind}) does not match its sha256")
    if event.number != number or event.previous != previous:
        raise _changed(where, number, f"({kind}) does not follow the one before")
    return event


def _changed(where: str, number: int, reason: str) -> InputError:
    return InputError.of(
        "review-changed",
        where,
        f"was changed after it was written: event {number} {reason}.",
        "Go back to a copy whose seal is the one that was signed.",
    )
