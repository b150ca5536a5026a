"""Which remarks a generated head gives cause for."""

from __future__ import annotations

import pytest

from nvc.model.anatomy import RemarkKind
from nvc.model.findings import Remark
from nvc.validation.remark_score import without_cause


def remark(kind: RemarkKind) -> Remark:
    return Remark(
        kind=kind, side=None, value=1.0, unit="mm", usual="less", sentence="words"
    )


@pytest.mark.parametrize("kind", list(RemarkKind))
@pytest.mark.parametrize("radius", [1.6, 2.4])
def test_only_the_scan_and_a_truly_wide_basilar_are_causes(kind, radius):
    truth = {"vessels": [{"name": "BA", "radius_mm": [1.5, radius]}]}
    cause = kind in {
        RemarkKind.THICK_SLICES,
        RemarkKind.CANAL_CUT_OFF,
        RemarkKind.CISTERN_CUT_OFF,
    } or (kind is RemarkKind.BASILAR_WIDE and radius > 2.25)
    expected = () if cause else (f"{kind.value}: words",)
    assert without_cause(truth, [remark(kind)]) == expected
