"""``review.html`` and ``review.csv``: the reader's word beside what was measured."""

from __future__ import annotations

import base64
import csv
import io
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nvc.io.records.measurements_csv import quote_formula
from nvc.model.anatomy import Side
from nvc.model.review import EventKind
from nvc.plain import show_plainly
from nvc.report.wording import CHECKLIST
from nvc.summary import SEGMENT_NAME, finding_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nvc.model.findings import Report
    from nvc.model.review import Event, ReviewState
    from nvc.pages.pictures import ReportPicture

PAGE_NAME = "review.html"
TABLE_NAME = "review.csv"
RATING_WORDS = {
    "contact": "contact",
    "no_contact": "no contact",
    "cannot_say": "cannot say",
}
VERDICT_WORDS = {
    "agree": "Agrees",
    "disagree": "Disagrees",
    "not_assessable": "Not assessable",
}
RULE_OUT_WORDS = {
    "ruled_out": "ruled out",
    "not_seen_on_these_sequences": "not seen on these sequences",
    "present": "present",
}
_EVENT_WORDS = {
    EventKind.OPENED: "opened",
    EventKind.REOPENED: "opened again, as a new version",
    EventKind.RATED: "first read",
    EventKind.REVEALED: "findings shown",
    EventKind.MEASURED: "measured",
    EventKind.LANDMARK_MOVED: "landmark moved",
    EventKind.LABELS_PAINTED: "labels painted",
    EventKind.SEARCHED_AGAIN: "nerves followed anew",
    EventKind.RULER_ADDED: "ruler",
    EventKind.RULER_REMOVED: "ruler taken away",
    EventKind.RULED_OUT: "other cause",
    EventKind.HISTORY: "symptoms and history",
    EventKind.SIGNED: "signed",
    EventKind.EXPORTED: "handed over",
}
_KEY_PICTURES = 2
"""The axial slice and the plane along the nerve; the rest is in ``report.html``."""
_ORDER = (Side.RIGHT, Side.LEFT)


def render_review_page(
    state: ReviewState,
    events: Sequence[Event],
    report: Report,
    pictures: Mapping[Side, Sequence[ReportPicture]],
) -> str:
    """Return the page: verdicts, first reads, findings, key images, and the trail.

    Parameters
    ----------
    state : ReviewState
        As handed over.
    events : sequence of Event
        The whole log.
    report : Report
        Measured last.
    pictures : mapping of Side to sequence of ReportPicture
        The first of each side are the key images.
    """
    environment = Environment(
        loader=PackageLoader("nvc.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show_plainly,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    rows = {row.side: row for row in finding_rows(report)}
    return environment.get_template("review.html.j2").render(
        report=report,
        state=state,
        sides=[
            {
                "name": f"Patient's {side}",
                "row": rows[side],
                "base_rate": report.sides[side].base_rate,
                "read": _first_read(state, side),
                "signature": _signature(state, side),
                "pictures": [_inline(p) for p in pictures.get(side, ())][
                    :_KEY_PICTURES
                ],
            }
            for side in _ORDER
        ],
        rulers=state.rulers,
        checklist=[
            (name, RULE_OUT_WORDS.get(state.rule_outs.get(name, ""), "not answered"))
            for name, _ in CHECKLIST
        ],
        symptomatic=state.symptomatic_side or "not entered",
        trail=[
            (event.number, event.time, _EVENT_WORDS[event.kind], describe_event(event))
            for event in events
        ],
    )


def render_review_table(state: ReviewState, report: Report) -> str:
    """Return a row a side: rated, measured, signed; RFC 4180."""
    buffer = io.StringIO()
    rows = [_cells(state, report, side) for side in Side]
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: quote_formula(str(value)) for name, value in row.items()}
        )
    return buffer.getvalue()


def describe_event(event: Event) -> str:
    """Say in a few words what an event holds."""
    data: dict[str, Any] = event.data
    match event.kind:
        case EventKind.RATED:
            return (
                f"{data['side']}: {RATING_WORDS[data['rating']]}, "
                f"confidence {data['confidence']}, by {data['reader']}"
            )
        case EventKind.MEASURED:
            gaps = [_gap(data["sides"][side.value], side) for side in _ORDER]
            return "; ".join(gaps)
        case EventKind.LANDMARK_MOVED:
            place = data["point_mm"]
            where = "back to the proposal" if place is None else _point(place)
            return f"{data['side']} {describe_landmark(data['name'])}: {where}"
        case EventKind.LABELS_PAINTED:
            return f"{data['count']} voxels"
        case EventKind.RULED_OUT:
            status = data["status"]
            return f"{data['name']}: {RULE_OUT_WORDS.get(status, 'not answered')}"
        case EventKind.SIGNED:
            reason = f": {data['reason']}" if data["reason"] else ""
            verdict = VERDICT_WORDS[data["verdict"]].lower()
            return f"{data['side']}: {verdict}, by {data['reader']}{reason}"
        case EventKind.REOPENED:
            return f"version {data['version']}"
        case _:
            return ""


def describe_landmark(name: str) -> str:
    """Return a landmark's field name in words."""
    return name.removesuffix("_mm").removesuffix("_point").replace("_", " ")


def _gap(found: Mapping[str, Any], side: Side) -> str:
    gap = found["distance_mm"]
    told = "no gap" if gap is None else f"{gap:.2f} mm"
    return f"{side} {told} ({found['flag']})"


def _point(point: Sequence[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in point) + " mm"


def _first_read(state: ReviewState, side: Side) -> str:
    read = state.first_reads.get(side)
    if read is None:
        return "not rated"
    where = "" if read.segment is None else f", {SEGMENT_NAME[read.segment]}"
    return (
        f"{RATING_WORDS[read.rating]}{where}; confidence {read.confidence}; "
        f"{read.reader}, {read.time}"
    )


def _signature(state: ReviewState, side: Side) -> dict[str, str] | None:
    signed = state.signatures.get(side)
    if signed is None:
        return None
    return {
        "verdict": VERDICT_WORDS[signed.verdict],
        "kind": signed.verdict.value,
        "reason": signed.reason,
        "by": f"{signed.reader}, {signed.time}, version {signed.version}",
    }


def _inline(picture: ReportPicture) -> dict[str, str]:
    encoded = base64.b64encode(picture.png_overlay).decode("ascii")
    plain = base64.b64encode(picture.png_plain).decode("ascii")
    return {
        "title": picture.title,
        "caption": picture.caption,
        "overlay": f"data:image/png;base64,{encoded}",
        "plain": f"data:image/png;base64,{plain}",
    }


def _cells(state: ReviewState, report: Report, side: Side) -> dict[str, Any]:
    read, signed = state.first_reads.get(side), state.signatures.get(side)
    found = report.sides[side]
    low, high = found.distance_ci_mm or ("", "")
    return {
        "study_key": state.study_key,
        "version": state.version,
        "side": side.value,
        "first_read": read.rating.value if read else "",
        "first_read_segment": (read.segment or "") if read else "",
        "first_read_confidence": read.confidence.value if read else "",
        "first_reader": read.reader if read else "",
        "flag": found.flag.value,
        "distance_mm": "" if found.distance_mm is None else found.distance_mm,
        "distance_ci_low_mm": low,
        "distance_ci_high_mm": high,
        "verdict": signed.verdict.value if signed else "",
        "reason": signed.reason if signed else "",
        "signed_by": signed.reader if signed else "",
        "signed_at": signed.time if signed else "",
        "symptomatic_side": state.symptomatic_side or "",
        "is_edited": str(state.is_edited).lower(),
        "seal": state.seal,
        "notice": report.notice,
    }
