"""Remarks that a generated head gives no cause for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nvc.model.anatomy import RemarkKind

if TYPE_CHECKING:
    from nvc.model.findings import Remark

_OF_THE_SCAN = (
    RemarkKind.THICK_SLICES,
    RemarkKind.CANAL_CUT_OFF,
    RemarkKind.CISTERN_CUT_OFF,
)
"""True of a scan as it was planned; no head is at fault."""
_ECTATIC_MM = 4.5


def without_cause(
    truth: Mapping[str, Any], remarks: Iterable[Remark]
) -> tuple[str, ...]:
    """Return kind and words of the remarks that the head gives no cause for.

    Generated heads have no mass, no bulge and an artery's course near the midline;
    how wide the basilar artery is, the truth says.

    Parameters
    ----------
    truth : mapping
        Of a phantom.
    remarks : iterable of Remark
        Of its report.
    """
    wide = any(
        vessel["name"] == "BA" and 2.0 * max(vessel["radius_mm"]) > _ECTATIC_MM
        for vessel in truth["vessels"]
    )
    return tuple(
        f"{remark.kind}: {remark.sentence}"
        for remark in remarks
        if remark.kind not in _OF_THE_SCAN
        and not (wide and remark.kind is RemarkKind.BASILAR_WIDE)
    )
