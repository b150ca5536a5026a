"""Undoing: the last change is answered by its opposite; nothing is taken from the log.

A change that was undone, and the one that undid it, are skipped by the next undo.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nvc.model.anatomy import Side
from nvc.model.review import Event, EventKind
from nvc.reviews.replay import replay

if TYPE_CHECKING:
    from nvc.reviews.session import ReviewSession

_UNDOABLE = (
    EventKind.LANDMARK_MOVED,
    EventKind.LABELS_PAINTED,
    EventKind.RULER_ADDED,
)


def find_last_change(session: ReviewSession) -> Event | None:
    """Return the change that `undo` would answer, or None."""
    undone: set[int] = set()
    for event in reversed(session.events):
        if event.kind is EventKind.SEARCHED_AGAIN:
            return None  # the courses are others since
        if "undoes" in event.data:
            undone.add(int(event.data["undoes"]))
        elif event.kind in _UNDOABLE and event.number not in undone:
            if event.kind is EventKind.RULER_ADDED and _is_removed(session, event):
                continue
            return event
    return None


def undo(session: ReviewSession) -> Event | None:
    """Answer the last landmark, stroke or ruler by its opposite; return that change."""
    event = find_last_change(session)
    if event is None:
        return None
    kind, data = _opposite(session, event)
    session.record(kind, data | {"undoes": event.number})
    return event


def _opposite(session: ReviewSession, event: Event) -> tuple[EventKind, dict[str, Any]]:
    data = event.data
    if event.kind is EventKind.LANDMARK_MOVED:
        before = replay(session.events[: event.number - 1])
        point = before.landmarks.get(Side(data["side"]), {}).get(data["name"])
        place = None if point is None else list(point)
        kept = {"side": data["side"], "name": data["name"], "point_mm": place}
        return EventKind.LANDMARK_MOVED, kept
    if event.kind is EventKind.LABELS_PAINTED:
        turned = {"before": data["after"], "after": data["before"]}
        return EventKind.LABELS_PAINTED, data | turned
    return EventKind.RULER_REMOVED, {"number": data["number"]}


def _is_removed(session: ReviewSession, event: Event) -> bool:
    number = event.data["number"]
    return all(ruler.number != number for ruler in session.state.rulers)
