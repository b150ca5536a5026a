"""Remarks that a generated head gives no cause for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nvc.model.anatomy import RemarkKind
from nvc.settings.anatomy import BASILAR_ECTATIC

if TYPE_CHECKING:
    from nvc.model.findings import Remark

_OF_THE_SCAN = (
    RemarkKind.THICK_SLICES,
    RemarkKind.CANAL_CUT_OFF,
    RemarkKind.CISTERN_CUT_OFF,
)
"""True of a scan as it was planned; no head is at fault."""


def find_without_cause(
    truth: Mapping[str, Any], remarks: Iterable[Remark]
) -> tuple[str, ...]:
    """Return kind and words of the remarks that the head gives no cause for.

    Generated heads have no mass and no bulge. How wide the basilar artery is, the truth
    says; and a vertebral artery that was brought to CN VII runs far from the midline.

    Parameters
    ----------
    truth : mapping
        Of a phantom.
    remarks : iterable of Remark
        Of its report.
    """
    wide = any(
        vessel["name"] == "BA" and 2.0 * max(vessel["radius_mm"]) > BASILAR_ECTATIC.mean
        for vessel in truth["vessels"]
    )
    aside = any(
        side["vessel"]["name"].startswith("VA") for side in truth["sides"].values()
    )
    causes = {
        *_OF_THE_SCAN,
        *([RemarkKind.BASILAR_WIDE] if wide else []),
        *([RemarkKind.BASILAR_OFF_MIDLINE] if aside else []),
    }
    return tuple(
        f"{remark.kind}: {remark.sentence}"
        for remark in remarks
        if remark.kind not in causes
    )
