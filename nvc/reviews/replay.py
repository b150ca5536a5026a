"""What the events of a review add up to, and which of them may come when.

The order is what keeps a first read blind: overlays come after both ratings, history
after reading, a signature after measuring. A log that breaks the order is refused as a
whole, so nobody can make one by hand that a panel would not have made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from nvc.errors import ReviewError
from nvc.io.doors.reading import Use
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.review import (
    REVIEW_SCHEMA,
    Confidence,
    Event,
    EventKind,
    FirstRead,
    PaintedOn,
    Painting,
    Proposal,
    Rating,
    ReviewInput,
    ReviewState,
    RuleOut,
    Ruler,
    Signature,
    SymptomaticSide,
    Verdict,
)
from nvc.model.space import Point
from nvc.model.stages import LANDMARK_NAMES
from nvc.model.study import SequenceRole
from nvc.report.wording import CHECKLIST

CHECKLIST_NAMES = tuple(name for name, _ in CHECKLIST)


def replay(events: Iterable[Event]) -> ReviewState:
    """Return the state after all events.

    Raises
    ------
    ReviewError
        If an event is not allowed where it stands; its number is named.
    """
    state = ReviewState()
    for event in events:
        state = apply_event(state, event)
    return state


def apply_event(state: ReviewState, event: Event) -> ReviewState:
    """Return the state after one more event.

    Raises
    ------
    ReviewError
        If it is not allowed now, or does not hold what it should.
    """
    if (event.number == 1) is not (event.kind is EventKind.OPENED):
        raise ReviewError("a review begins with its inputs, and only once")
    try:
        after = _STEPS[event.kind](state, event)
    except ReviewError as error:
        raise ReviewError(f"event {event.number} ({event.kind}): {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ReviewError(
            f"event {event.number} ({event.kind}) does not hold what it should: {error}"
        ) from error
    return replace(after, seal=event.sha256)


def _opened(_: ReviewState, event: Event) -> ReviewState:
    data = event.data
    if data["schema"] != REVIEW_SCHEMA:
        raise ReviewError(f"schema is {data['schema']!r}; expected {REVIEW_SCHEMA!r}")
    return ReviewState(
        inputs=tuple(
            ReviewInput(role=SequenceRole(one["role"]).value, sha256=str(one["sha256"]))
            for one in data["inputs"]
        ),
        settings=dict(data["settings"]),
        affine=_affine(data["affine"]),
        study_key=str(data["study_key"]),
        software=str(data["software"]),
    )


def _affine(value: Any) -> str:
    if value not in get_args(Use):
        raise ValueError(f"there is no affine {value!r}")
    return str(value)


def _reopened(state: ReviewState, _: Event) -> ReviewState:
    return replace(state, version=state.version + 1)


def _rated(state: ReviewState, event: Event) -> ReviewState:
    if state.is_revealed:
        raise ReviewError("a first read cannot change after the findings were shown")
    data = event.data
    segment = data.get("segment")
    read = FirstRead(
        rating=Rating(data["rating"]),
        confidence=Confidence(data["confidence"]),
        reader=_name(data["reader"]),
        time=event.time,
        segment=None if segment is None else NerveSegment(segment),
        point_mm=None if data.get("point_mm") is None else _point(data["point_mm"]),
    )
    return replace(state, first_reads={**state.first_reads, Side(data["side"]): read})


def _revealed(state: ReviewState, _: Event) -> ReviewState:
    if not state.is_read:
        raise ReviewError("rate both sides before the findings are shown")
    return replace(state, is_revealed=True)


def _measured(state: ReviewState, event: Event) -> ReviewState:
    data = event.data
    proposal = Proposal(
        report_sha256=str(data["report_sha256"]),
        sides={side: dict(data["sides"][side.value]) for side in Side},
        software=str(data["software"]),
    )
    same = state.proposal and state.proposal.report_sha256 == proposal.report_sha256
    return replace(
        state,
        proposal=proposal,
        original=state.original or proposal,
        is_stale=False,
        signatures=state.signatures if same else {},
    )


def _landmark_moved(state: ReviewState, event: Event) -> ReviewState:
    _require_revealed(state)
    side, name = Side(event.data["side"]), event.data["name"]
    if name not in LANDMARK_NAMES:
        raise ReviewError(f"there is no landmark {name!r}")
    marks = dict(state.landmarks.get(side, {}))
    point = event.data["point_mm"]
    if point is None:
        marks.pop(name, None)
    else:
        marks[name] = _point(point)
    landmarks = {**state.landmarks, side: marks}
    return _edited(replace(state, landmarks={s: m for s, m in landmarks.items() if m}))


def _labels_painted(state: ReviewState, event: Event) -> ReviewState:
    _require_revealed(state)
    data = event.data
    painting = Painting(
        voxels=str(data["voxels"]),
        before=str(data["before"]),
        after=str(data["after"]),
        count=int(data["count"]),
        on=PaintedOn(data.get("on", PaintedOn.SEGMENTED)),
    )
    if state.paintings and painting.on is not state.painted_on:
        raise ReviewError(
            f"a painting on labels as {painting.on} follows one on labels as "
            f"{state.painted_on}; expected one kind in a review"
        )
    return _edited(replace(state, paintings=(*state.paintings, painting)))


def _searched_again(state: ReviewState, _: Event) -> ReviewState:
    """The courses are looked for anew: what was painted on the old ones is let go."""
    _require_revealed(state)
    merged = {
        side: {
            **state.search_landmarks.get(side, {}),
            **state.landmarks.get(side, {}),
        }
        for side in Side
        if side in state.search_landmarks or side in state.landmarks
    }
    if not merged:
        raise ReviewError("move a landmark before searching again")
    return _edited(replace(state, search_landmarks=merged, landmarks={}, paintings=()))


def _ruler_added(state: ReviewState, event: Event) -> ReviewState:
    data = event.data
    start, end = _point(data["start_mm"]), _point(data["end_mm"])
    ruler = Ruler(
        number=int(data["number"]),
        start_mm=start,
        end_mm=end,
        length_mm=math.dist(start, end),
        note=str(data.get("note", "")),
    )
    if any(ruler.number == other.number for other in state.rulers):
        raise ReviewError(f"there is a ruler {ruler.number} already")
    return replace(state, rulers=(*state.rulers, ruler))


def _ruler_removed(state: ReviewState, event: Event) -> ReviewState:
    kept = tuple(r for r in state.rulers if r.number != int(event.data["number"]))
    if len(kept) == len(state.rulers):
        raise ReviewError(f"there is no ruler {event.data['number']}")
    return replace(state, rulers=kept)


def _ruled_out(state: ReviewState, event: Event) -> ReviewState:
    name, status = event.data["name"], event.data["status"]
    if name not in CHECKLIST_NAMES:
        raise ReviewError(f"{name!r} is not on the list of other causes")
    rule_outs = {k: v for k, v in state.rule_outs.items() if k != name}
    if status is not None:
        rule_outs[name] = RuleOut(status)
    return replace(state, rule_outs=rule_outs, signatures={})


def _history(state: ReviewState, event: Event) -> ReviewState:
    if not state.is_read:
        raise ReviewError("the symptomatic side is entered after both sides are rated")
    return replace(
        state,
        symptomatic_side=SymptomaticSide(event.data["symptomatic_side"]),
        history=str(event.data["text"]),
    )


def _signed(state: ReviewState, event: Event) -> ReviewState:
    data = event.data
    side, verdict = Side(data["side"]), Verdict(data["verdict"])
    reason = str(data["reason"]).strip()
    _require_revealed(state)
    if state.proposal is None or state.is_stale:
        raise ReviewError("measure again before signing: something was changed")
    if data["report_sha256"] != state.proposal.report_sha256:
        raise ReviewError("what is signed is not what was measured last")
    missing = [name for name in CHECKLIST_NAMES if name not in state.rule_outs]
    if missing:
        raise ReviewError(
            f"{len(missing)} other causes are not answered yet: {missing[0]} ..."
        )
    if verdict is not Verdict.AGREE and not reason:
        raise ReviewError("give a reason where you do not agree")
    signature = Signature(
        verdict=verdict,
        reason=reason,
        reader=_name(data["reader"]),
        time=event.time,
        version=state.version,
        report_sha256=state.proposal.report_sha256,
    )
    return replace(state, signatures={**state.signatures, side: signature})


def _exported(state: ReviewState, _: Event) -> ReviewState:
    return state


def _edited(state: ReviewState) -> ReviewState:
    """What was measured before a change is stale, and so is what was signed."""
    return replace(state, is_stale=True, signatures={})


def _require_revealed(state: ReviewState) -> None:
    if not state.is_revealed:
        raise ReviewError("rate both sides and reveal the findings first")


def _name(value: Any) -> str:
    name = str(value).strip()
    if not name:
        raise ReviewError("the reader's name is missing")
    return name


def _point(value: Any) -> Point:
    x, y, z = (float(number) for number in value)
    if not all(map(math.isfinite, (x, y, z))):
        raise ReviewError("a point is not finite")
    return (x, y, z)


_STEPS: Mapping[EventKind, Callable[[ReviewState, Event], ReviewState]] = {
    EventKind.OPENED: _opened,
    EventKind.REOPENED: _reopened,
    EventKind.RATED: _rated,
    EventKind.REVEALED: _revealed,
    EventKind.MEASURED: _measured,
    EventKind.LANDMARK_MOVED: _landmark_moved,
    EventKind.LABELS_PAINTED: _labels_painted,
    EventKind.SEARCHED_AGAIN: _searched_again,
    EventKind.RULER_ADDED: _ruler_added,
    EventKind.RULER_REMOVED: _ruler_removed,
    EventKind.RULED_OUT: _ruled_out,
    EventKind.HISTORY: _history,
    EventKind.SIGNED: _signed,
    EventKind.EXPORTED: _exported,
}
