"""What a reader leaves behind: events in order, and the state that they add up to.

A review is a list of `Event`. Nothing in it is ever changed or taken away; the
`ReviewState` is what the events up to now say (`nvc.reviews.replay`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nvc.model.anatomy import NerveSegment, Side
from nvc.model.space import Point

if TYPE_CHECKING:
    from collections.abc import Mapping

REVIEW_SCHEMA = "nvc-review-log/1"


class EventKind(StrEnum):
    """What can happen in a review."""

    OPENED = "opened"
    REOPENED = "reopened"
    RATED = "rated"
    REVEALED = "revealed"
    MEASURED = "measured"
    LANDMARK_MOVED = "landmark-moved"
    LABELS_PAINTED = "labels-painted"
    SEARCHED_AGAIN = "searched-again"
    RULER_ADDED = "ruler-added"
    RULER_REMOVED = "ruler-removed"
    RULED_OUT = "ruled-out"
    HISTORY = "history"
    SIGNED = "signed"
    EXPORTED = "exported"


class Rating(StrEnum):
    """A first read of one side, without any help."""

    CONTACT = "contact"
    NO_CONTACT = "no_contact"
    CANNOT_SAY = "cannot_say"


class Confidence(StrEnum):
    """How sure a reader is of a first read."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Verdict(StrEnum):
    """What a reader says of the findings of one side; there is no default."""

    AGREE = "agree"
    DISAGREE = "disagree"
    NOT_ASSESSABLE = "not_assessable"


class RuleOut(StrEnum):
    """What a reader says of another cause."""

    RULED_OUT = "ruled_out"
    NOT_SEEN_HERE = "not_seen_on_these_sequences"
    PRESENT = "present"


class SymptomaticSide(StrEnum):
    """Where the symptoms are; entered after both sides were read."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Parameters
    ----------
    number : int
        From 1, without gaps.
    time : str
        ISO 8601, UTC.
    kind : EventKind
        What happened.
    data : dict
        Plain JSON values; their names depend on the kind.
    previous : str
        sha256 of the event before; of nothing for the first.
    sha256 : str
        Of this event with `previous` in it.
    """

    number: int
    time: str
    kind: EventKind
    data: dict[str, Any]
    previous: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInput:
    """A series under review: its role and digest, never a file name."""

    role: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRead:
    """What a reader saw on one side before any overlay was shown.

    Parameters
    ----------
    rating : Rating
        Contact or not.
    confidence : Confidence
        How sure.
    segment : NerveSegment or None
        Where along the nerve, if contact.
    point_mm : tuple of float or None
        Where the crosshair stood, RAS mm of the reference.
    reader : str
        Name or initials.
    time : str
        ISO 8601, UTC.
    """

    rating: Rating
    confidence: Confidence
    reader: str
    time: str
    segment: NerveSegment | None = None
    point_mm: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """A length between two clicked points, RAS mm of the reference."""

    number: int
    start_mm: Point
    end_mm: Point
    length_mm: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What was measured, in brief: the whole report is known by its digest."""

    report_sha256: str
    sides: dict[Side, dict[str, Any]]
    software: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A reader's word on one side.

    Parameters
    ----------
    verdict : Verdict
        Agree, disagree or not assessable.
    reason : str
        Empty only with `Verdict.AGREE`.
    reader, time : str
        Who and when (ISO 8601, UTC).
    version : int
        Of the review.
    report_sha256 : str
        Of the report that was signed.
    """

    verdict: Verdict
    reason: str
    reader: str
    time: str
    version: int
    report_sha256: str


class PaintedOn(StrEnum):
    """Which labels a reader saw and painted on.

    Reviews say nothing of it where they were made while labels showed CN VII and
    vessels as segmented; they stay on these, so that their numbers stay the same.
    """

    SEGMENTED = "segmented"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """Voxels of the label volume that a reader changed.

    Parameters
    ----------
    voxels, before, after : str
        Flat indices (C order of the reference's canonical grid) as int32, and
        labels as uint8; compressed and written as base64.
    count : int
        How many voxels.
    on : PaintedOn
        What was painted on; one for all paintings of a review.
    """

    voxels: str
    before: str
    after: str
    count: int
    on: PaintedOn = PaintedOn.MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState:
    """What the events up to now add up to."""

    inputs: tuple[ReviewInput, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    affine: str = "auto"
    study_key: str = ""
    software: str = ""
    version: int = 1
    first_reads: Mapping[Side, FirstRead] = field(default_factory=dict)
    is_revealed: bool = False
    proposal: Proposal | None = None
    original: Proposal | None = None
    is_stale: bool = False
    landmarks: Mapping[Side, Mapping[str, Point]] = field(default_factory=dict)
    search_landmarks: Mapping[Side, Mapping[str, Point]] = field(default_factory=dict)
    paintings: tuple[Painting, ...] = ()
    rulers: tuple[Ruler, ...] = ()
    rule_outs: Mapping[str, RuleOut] = field(default_factory=dict)
    symptomatic_side: SymptomaticSide | None = None
    history: str = ""
    signatures: Mapping[Side, Signature] = field(default_factory=dict)
    seal: str = ""

    @property
    def is_read(self) -> bool:
        """Whether both sides were rated."""
        return len(self.first_reads) == len(Side)

    @property
    def is_edited(self) -> bool:
        """Whether anything that is measured was changed by hand."""
        return bool(self.landmarks or self.search_landmarks or self.paintings)

    @property
    def corrections(self) -> tuple[object, ...]:
        """All that is measured otherwise than it was found, to be compared."""
        return self.landmarks, self.search_landmarks, self.paintings

    @property
    def painted_on(self) -> PaintedOn:
        """The labels that the next painting lies on, as the first one did."""
        return self.paintings[0].on if self.paintings else PaintedOn.MEASURED

    @property
    def is_signed(self) -> bool:
        """Whether both sides are signed as they stand."""
        return len(self.signatures) == len(Side)

    @property
    def reader(self) -> str:
        """Who read first."""
        return next((read.reader for read in self.first_reads.values()), "")
