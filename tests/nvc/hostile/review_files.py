"""Files of reviews: torn, changed, forged, foreign."""

from __future__ import annotations

from pathlib import Path

from nvc.io.records.review_log import ReviewLog
from nvc.model.review import REVIEW_SCHEMA, EventKind, ReviewState
from nvc.reviews.session import read_review
from tests.nvc.hostile.recipe import Holds, Recipe, Refused, Table
from tests.nvc.hostile.world import written

OPENED = {
    "schema": REVIEW_SCHEMA,
    "inputs": [{"role": "t2", "sha256": "ab" * 32}],
    "settings": {},
    "affine": "auto",
    "study_key": "cd" * 32,
    "software": "0.1.0",
}
RATED = {"side": "left", "rating": "contact", "confidence": "high", "reader": "A"}
Step = tuple[EventKind, dict]


def read(path: Path) -> ReviewState:
    return read_review(path)


def log(*further: Step, **changes):
    """A maker of a review that is whole and sealed, whatever it says."""

    def make(folder: Path) -> Path:
        path = folder / "a.review"
        own = ReviewLog(path)
        for kind, data in ((EventKind.OPENED, OPENED | changes), *further):
            own.append(own.next_event(kind, data))
        return path

    return make


GOOD = log(
    (EventKind.RATED, RATED),
    (EventKind.RATED, RATED | {"side": "right"}),
    (EventKind.REVEALED, {}),
)


def spoilt(change):
    """A maker of a good review whose bytes are changed."""

    def make(folder: Path) -> Path:
        path = GOOD(folder)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def replaced(old: bytes, new: bytes):
    return spoilt(lambda content: content.replace(old, new, 1))


def without(line: int):
    def change(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        return b"".join(lines[:line] + lines[line + 1 :])

    return spoilt(change)


def is_read(state: ReviewState) -> bool:
    return state.is_revealed and len(state.first_reads) == 2


CHANGED = Refused("review-changed", "event")
TABLE: Table = {
    "whole": Recipe("as the panel writes it", GOOD, Holds(is_read)),
    "torn": Recipe(
        "a program died", spoilt(lambda c: c + b'{"number":5,"ti'), Holds(is_read)
    ),
    "last event cut": Recipe(
        "a broken copy", spoilt(lambda c: c[:-9]), Holds(lambda s: not s.is_revealed)
    ),
    "empty": Recipe("0 bytes", written(b"", "a.review"), Refused("empty-file")),
    "binary": Recipe(
        "another format",
        written(bytes(range(256)) * 9, "a.review"),
        Refused("not-a-review"),
    ),
    "a note": Recipe("text", written(b"hello\n", "a.review"), Refused("not-a-review")),
    "cut in its first event": Recipe(
        "a broken copy", spoilt(lambda c: c[:90]), Refused("not-a-review")
    ),
    "lines of Windows": Recipe(
        "an editor saved it", spoilt(lambda c: c.replace(b"\n", b"\r\n")),
        Refused("review-changed"),
    ),
    "a rating changed": Recipe(
        "by hand", replaced(b'"contact"', b'"no_contact"'), CHANGED
    ),
    "an event lost": Recipe("by hand", without(1), CHANGED),
    "a NaN": Recipe(
        "no writer writes it", replaced(b'"side":"left"', b'"side":NaN'), CHANGED
    ),
    "half a letter": Recipe(
        "no writer writes it",
        replaced(b'"reader":"A"', b'"reader":"\\ud800"'),
        CHANGED,
    ),
    "a kind of none": Recipe("by hand", replaced(b'"rated"', b'["rated"]'), CHANGED),
    "nested without end": Recipe(
        "a trap", replaced(b'"side":"left"', b'"side":' + b"[" * 9999), CHANGED
    ),
    "nothing opened": Recipe("its first line is gone", without(0), CHANGED),
    "future version": Recipe(
        "a later program wrote it",
        log(schema="nvc-review-log/9"),
        Refused("", "the version that wrote it"),
    ),
    "revealed before read": Recipe(
        "forged", log((EventKind.REVEALED, {})), Refused("", "rate both sides")
    ),
    "a rating of none": Recipe(
        "forged",
        log((EventKind.RATED, RATED | {"rating": "perhaps"})),
        Refused("", "event 2 (rated)"),
    ),
    "an endless integer": Recipe(
        "forged",
        log((EventKind.RATED, RATED | {"point_mm": [10**400, 0, 0]})),
        Refused("", "event 2 (rated)"),
    ),
    "a role of none": Recipe(
        "forged",
        log(inputs=[{"role": "pet", "sha256": "ab"}]),
        Refused("", "event 1 (opened)"),
    ),
    "an affine of none": Recipe(
        "forged", log(affine="mirror"), Refused("", "event 1 (opened)")
    ),
    "settings of none": Recipe(
        "forged", log(settings={"qqqqq": 3}), Refused("", "begin with")
    ),
    "images elsewhere": Recipe(
        "its scans are not here", log(), Refused("input-not-found", "T2", "given")
    ),
    "one image in two roles": Recipe(
        "forged: the second would have taken the place of the first",
        log(inputs=[OPENED["inputs"][0], {"role": "t1", "sha256": "ab" * 32}]),
        Refused("same-image-twice", where="given"),
    ),
    "a folder": Recipe("no file", lambda folder: folder, Refused("not-a-file")),
}  # fmt: skip
