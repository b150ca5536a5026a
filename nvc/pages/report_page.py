"""The report as one self-contained page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nvc.io.nifti.labels_out import COLOURS
from nvc.model.anatomy import Flag, Side, Structure
from nvc.pages.nerve_strip import draw_nerve_strips, find_vulnerable_limit_mm
from nvc.pages.report_tables import (
    format_mm,
    format_ras,
    tabulate_comparison,
    tabulate_contact,
    tabulate_numbers,
)
from nvc.plain import show_plainly
from nvc.report.wording import (
    CHECKLIST,
    CLOCK_NOTE,
    COMPARISON_NOTE,
    FLAG_TITLE,
    GRADES_NOTE,
    LOOKED_AT,
    NAMES_NOTE,
    SOURCES,
)
from nvc.summary import (
    deformity_text,
    gap_text,
    grades_text,
    is_unresolved,
    touch_text,
    vessel_text,
    where_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from nvc.model.findings import Report, SideReport
    from nvc.pages.pictures import ReportPicture

_LEGEND = (
    ("CN VII", COLOURS[Structure.CN7_LEFT]),
    ("CN VIII", COLOURS[Structure.CN8_LEFT]),
    ("artery", COLOURS[Structure.ARTERY]),
    ("vein", COLOURS[Structure.VEIN]),
    ("vessel of unknown kind", COLOURS[Structure.VESSEL_UNKNOWN]),
)
_ORDER = (Side.RIGHT, Side.LEFT)
"""The patient's right is at the page's left, as in the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SidePage:
    """One column of the page, in words."""

    name: str
    flag: Flag
    title: str
    gap: str
    certainty: str
    where: str
    vessel: str
    deformity: str
    touch: str
    grades: str
    meaning: str
    base_rate: str
    reasons: Sequence[str]
    strip: Markup | None
    pictures: Sequence[dict[str, str]]
    numbers: Sequence[tuple[str, str]]
    contacts: Sequence[Sequence[str]]


def render_html(
    report: Report, pictures: Mapping[Side, Sequence[ReportPicture]]
) -> str:
    """Return ``report.html``: no scripts, no remote assets, escaped.

    Parameters
    ----------
    report : Report
        What was found.
    pictures : mapping of Side to sequence of ReportPicture
        Of each side; may be empty.
    """
    environment = Environment(
        loader=PackageLoader("nvc.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show_plainly,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    strips = draw_nerve_strips(report)
    sides = [
        _side_page(side, report.sides[side], strips.get(side), pictures.get(side, ()))
        for side in _ORDER
    ]
    return environment.get_template("report.html.j2").render(
        report=report,
        sides=sides,
        remarks=[
            (_sentence(one.sentence), _sentence(one.usual), format_ras(one.at_mm))
            for one in report.remarks
        ],
        looked_at=LOOKED_AT,
        legend=_LEGEND,
        comparison=tabulate_comparison(report),
        comparison_note=COMPARISON_NOTE,
        clock_note=CLOCK_NOTE,
        grades_note=GRADES_NOTE,
        names_note=NAMES_NOTE,
        checklist=CHECKLIST,
        sources=SOURCES,
        inputs=_input_rows(report),
        vulnerable_mm=f"{find_vulnerable_limit_mm(report):g}",
        settings=_flat(report.software.settings),
    )


def _side_page(
    side: Side,
    found: SideReport,
    strip: Markup | None,
    pictures: Sequence[ReportPicture],
) -> _SidePage:
    return _SidePage(
        name=f"Patient's {side}",
        flag=found.flag,
        title=FLAG_TITLE[found.flag],
        gap=_sentence(gap_text(found)),
        certainty=_certainty(found),
        where=_where(found),
        vessel=_sentence(vessel_text(found.vessel)),
        deformity=_sentence(deformity_text(found)),
        touch=_sentence(touch_text(found)),
        grades=grades_text(found),
        meaning=found.flag_meaning,
        base_rate=found.base_rate,
        reasons=found.reasons,
        strip=strip,
        pictures=[_inline(picture) for picture in pictures],
        numbers=tabulate_numbers(found),
        contacts=[tabulate_contact(contact) for contact in found.contacts],
    )


def _certainty(found: SideReport) -> str:
    if found.distance_ci_mm is None:
        return _sentence(found.reasons[0]) if found.reasons else ""
    parts = ["gap, wall to wall, with its 95 % interval"]
    if found.contact_probability is not None:
        parts.append(f"probability of contact {found.contact_probability:.0%}")
    touching = {Flag.POSSIBLE_COMPRESSION, Flag.PROXIMAL_CONTACT, Flag.DISTAL_CONTACT}
    reaches_zero = found.distance_ci_mm[0] <= 0 and not is_unresolved(found)
    if reaches_zero and found.flag not in touching:
        parts.append("contact not excluded")
    return "; ".join(parts)


def _where(found: SideReport) -> str:
    if found.vessel is None:
        return ""
    if found.distance_from_root_detachment_mm is None:
        return "Not known along the nerve"
    return _sentence(where_text(found))


def _sentence(text: str) -> str:
    """Start with a capital, leaving abbreviations as they are."""
    return text[:1].upper() + text[1:]


def _inline(picture: ReportPicture) -> dict[str, str]:
    def uri(png: bytes) -> str:
        return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"

    return {
        "title": picture.title,
        "caption": picture.caption,
        "plain": uri(picture.png_plain),
        "overlay": uri(picture.png_overlay),
    }


def _input_rows(report: Report) -> list[list[str]]:
    return [
        [
            record.role.upper() + (" (reference)" * (record.role == report.reference)),
            " x ".join(str(n) for n in record.shape),
            " x ".join(f"{mm:.3g}" for mm in record.voxel_size_mm) + " mm",
            f"{record.orientation}, from {record.orientation_source}",
            format_mm(record.registration_residual_mm),
            "; ".join(record.warnings) or "-",
            record.sha256,
        ]
        for record in report.inputs
    ]


def _flat(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return the settings as dotted names and values."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", str(value)))
    return rows
