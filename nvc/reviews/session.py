"""An open review: every step is checked, written to the disk, and only then counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from nvc import __version__
from nvc.errors import ReviewError
from nvc.io.records.report_json import report_to_json
from nvc.io.records.review_log import ReviewLog, name_new_review, read_log
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.review import (
    REVIEW_SCHEMA,
    Confidence,
    Event,
    EventKind,
    Rating,
    ReviewState,
    RuleOut,
    SymptomaticSide,
    Verdict,
)
from nvc.reviews.replay import apply_event, replay
from nvc.reviews.strokes import require_known_labels

_GO_BACK = "Open it with the version that wrote it, or go back to a copy."

if TYPE_CHECKING:
    from nvc.model.findings import Report
    from nvc.model.space import Point
    from nvc.model.study import Study
    from nvc.settings import Settings


class ReviewSession:
    """One reader's review of one study.

    Parameters
    ----------
    log : ReviewLog
        The file; read to its end.
    """

    def __init__(self, log: ReviewLog) -> None:
        self._log = log
        self._lock = RLock()  # a page is handed over in a thread of its own
        self._state = _replayed(log.path, log.events)

    @classmethod
    def begin(
        cls,
        study: Study,
        settings: Settings,
        path: Path | None = None,
        affine: str = "auto",
    ) -> ReviewSession:
        """Start a review of a study in a new file.

        Parameters
        ----------
        study : Study
            Its series are known by their digests alone.
        settings : Settings
            Of every measurement in this review.
        path : Path, optional
            Where to; otherwise a free name in the folder of reviews.
        affine : str
            Which affine of NIfTI files was taken.

        Raises
        ------
        ReviewError
            If the file exists already.
        """
        key = make_study_key(study)
        chosen = path or name_new_review(key)
        if chosen.exists():
            raise ReviewError(f"{chosen} exists already; open it or name another file")
        session = cls(ReviewLog(chosen))
        session.record(
            EventKind.OPENED,
            {
                "schema": REVIEW_SCHEMA,
                "inputs": [
                    {"role": str(role), "sha256": series.sha256}
                    for role, series in sorted(study.series.items())
                ],
                "settings": asdict(settings),
                "affine": affine,
                "study_key": key,
                "software": __version__,
            },
        )
        return session

    @classmethod
    def reopen(cls, path: Path) -> ReviewSession:
        """Continue a review as its next version; what was signed stays in the log.

        Raises
        ------
        InputError
            If the file was changed or cannot be used.
        ReviewError
            If its events are in an order that is not allowed.
        """
        session = cls(ReviewLog(path))
        session.record(EventKind.REOPENED, {"version": session.state.version + 1})
        return session

    @property
    def state(self) -> ReviewState:
        """What the events up to now add up to."""
        return self._state

    @property
    def path(self) -> Path:
        """The file."""
        return self._log.path

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened."""
        return tuple(self._log.events)

    @property
    def was_torn(self) -> bool:
        """Whether a last, incomplete event was let go on opening."""
        return self._log.was_torn

    def record(self, kind: EventKind, data: Mapping[str, Any]) -> ReviewState:
        """Check a step, write it to the disk, and take it up.

        Raises
        ------
        ReviewError
            If it is not allowed now; nothing is written then.
        NotSavedError
            If it cannot be written; the state stays as it was.
        """
        with self._lock:
            return self.write(self.foresee(kind, data))

    def foresee(self, kind: EventKind, data: Mapping[str, Any]) -> Event:
        """Return the event that would come next; nothing is written.

        Raises
        ------
        ReviewError
            If it is not allowed now.
        """
        with self._lock:
            event = self._log.next_event(kind, data)
            apply_event(self._state, event)
            return event

    def write(self, event: Event) -> ReviewState:
        """Write an event that was foreseen to the disk, and take it up.

        Raises
        ------
        NotSavedError
            If it cannot be written, or another came first; the state stays as it was.
        """
        with self._lock:
            after = apply_event(self._state, event)
            self._log.append(event)
            self._state = after
            return after

    def rate(
        self,
        side: Side,
        rating: Rating,
        confidence: Confidence,
        *,
        reader: str,
        segment: NerveSegment | None = None,
        point_mm: Point | None = None,
    ) -> None:
        """Record a first read of one side."""
        self.record(
            EventKind.RATED,
            {
                "side": side,
                "rating": rating,
                "confidence": confidence,
                "segment": segment,
                "point_mm": None if point_mm is None else list(point_mm),
                "reader": reader,
            },
        )

    def reveal(self) -> None:
        """Record that the findings were shown."""
        self.record(EventKind.REVEALED, {})

    def measured(self, report: Report) -> None:
        """Record what was measured, unless it is what is recorded already."""
        summary = make_proposal(report)
        known = self._state.proposal
        same = known and known.report_sha256 == summary["report_sha256"]
        if not same or self._state.is_stale:
            self.record(EventKind.MEASURED, summary)

    def move_landmark(self, side: Side, name: str, point_mm: Point | None) -> None:
        """Record a landmark's new place; None takes the proposal back."""
        point = None if point_mm is None else list(point_mm)
        self.record(
            EventKind.LANDMARK_MOVED, {"side": side, "name": name, "point_mm": point}
        )

    def paint(self, change: Mapping[str, Any]) -> None:
        """Record painted labels, as `nvc.reviews.strokes.pack_stroke` gives them.

        Raises
        ------
        ReviewError
            If they hold a value that no structure has.
        """
        if change["count"]:
            require_known_labels(change)
            on = self.state.painted_on
            self.record(EventKind.LABELS_PAINTED, {**change, "on": str(on)})

    def search_again(self) -> None:
        """Record that nerves are to be followed anew from the moved landmarks."""
        self.record(EventKind.SEARCHED_AGAIN, {})

    def add_ruler(self, start_mm: Point, end_mm: Point, note: str = "") -> int:
        """Record a length between two points; return the ruler's number."""
        numbers = [int(e.data["number"]) for e in self._log.events if _is_ruler(e)]
        number = max(numbers, default=0) + 1
        self.record(
            EventKind.RULER_ADDED,
            {
                "number": number,
                "start_mm": list(start_mm),
                "end_mm": list(end_mm),
                "note": note,
            },
        )
        return number

    def remove_ruler(self, number: int) -> None:
        """Record that a ruler was taken away."""
        self.record(EventKind.RULER_REMOVED, {"number": number})

    def rule_out(self, name: str, status: RuleOut | None) -> None:
        """Record an answer on another cause; None takes it back."""
        self.record(EventKind.RULED_OUT, {"name": name, "status": status})

    def tell_history(self, symptomatic: SymptomaticSide, text: str) -> None:
        """Record symptoms and history, after reading."""
        self.record(
            EventKind.HISTORY, {"symptomatic_side": symptomatic, "text": text.strip()}
        )

    def sign(self, side: Side, verdict: Verdict, reason: str, reader: str) -> None:
        """Record a reader's word on one side as it stands."""
        proposal = self._state.proposal
        self.record(
            EventKind.SIGNED,
            {
                "side": side,
                "verdict": verdict,
                "reason": reason.strip(),
                "reader": reader.strip(),
                "version": self._state.version,
                "report_sha256": proposal.report_sha256 if proposal else "",
            },
        )

    def foresee_export(self, names: tuple[str, ...], report: Report) -> Event:
        """Return the event that these files were handed over; `write` records it.

        Raises
        ------
        ReviewError
            If `report` is not what the record holds: something was changed since.
        """
        with self._lock:
            known, digest = self._state.proposal, digest_report(report)
            is_other = known is not None and known.report_sha256 != digest
            if self._state.is_stale or is_other:
                raise ReviewError(
                    "something was changed since it was measured: nothing is handed "
                    "over; measure again first"
                )
            return self.foresee(EventKind.EXPORTED, {"files": list(names)})


def read_review(path: Path) -> ReviewState:
    """Return what a review says, without opening it for changes.

    Raises
    ------
    InputError
        If it cannot be read or was changed.
    ReviewError
        If its events are in an order that is not allowed.
    """
    return _replayed(path, read_log(path).events)


def _replayed(path: Path, events: Iterable[Event]) -> ReviewState:
    try:
        return replay(events)
    except ReviewError as error:
        raise ReviewError(f"{path}: {error}. {_GO_BACK}") from error


def make_study_key(study: Study) -> str:
    """Return a key of the images alone, the same for every reader of a study."""
    digests = sorted(f"{role}:{one.sha256}" for role, one in study.series.items())
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def digest_report(report: Report) -> str:
    """Return the sha256 of ``report.json``."""
    return hashlib.sha256(report_to_json(report).encode()).hexdigest()


def make_proposal(report: Report) -> dict[str, Any]:
    """Return what was measured in brief, with the digest of the whole report."""
    sides = json.loads(report_to_json(report))["sides"]
    names = (
        "flag",
        "distance_mm",
        "distance_ci_mm",
        "resolved_mm",
        "contact_probability",
        "nerve_segment",
        "distance_from_root_detachment_mm",
        "landmarks",
    )
    return {
        "report_sha256": digest_report(report),
        "software": report.software.version,
        "sides": {
            side.value: {name: sides[side.value][name] for name in names}
            for side in Side
        },
    }


def _is_ruler(event: Event) -> bool:
    return event.kind is EventKind.RULER_ADDED
