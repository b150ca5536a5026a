"""Which remarks a generated head gives cause for."""

from __future__ import annotations

import pytest

from nvc.model.anatomy import RemarkKind
from nvc.model.findings import Remark
from nvc.validation.remark_score import find_without_cause

OF_THE_SCAN = {
    RemarkKind.THICK_SLICES,
    RemarkKind.CANAL_CUT_OFF,
    RemarkKind.CISTERN_CUT_OFF,
}


def remark(kind: RemarkKind) -> Remark:
    return Remark(
        kind=kind, side=None, value=1.0, unit="mm", usual="less", sentence="words"
    )


def truth(radius_mm: float, nearest: str) -> dict:
    return {
        "vessels": [{"name": "BA", "radius_mm": [1.5, radius_mm]}],
        "sides": {
            "left": {"vessel": {"name": "AICA_left"}},
            "right": {"vessel": {"name": nearest}},
        },
    }


@pytest.mark.parametrize("kind", list(RemarkKind))
@pytest.mark.parametrize(
    ("head", "causes"),
    [
        (truth(1.6, "AICA_right"), set()),
        (truth(2.4, "AICA_right"), {RemarkKind.BASILAR_WIDE}),
        (truth(1.6, "VA_right"), {RemarkKind.BASILAR_OFF_MIDLINE}),
    ],
    ids=["usual", "wide", "va"],
)
def test_what_the_scan_and_the_truth_explain_is_not_counted(kind, head, causes):
    expected = () if kind in OF_THE_SCAN | causes else (f"{kind.value}: words",)
    assert find_without_cause(head, [remark(kind)]) == expected
