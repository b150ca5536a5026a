"""A report made by hand, for tests that need findings but no measurement."""

from __future__ import annotations

from nvc.model.anatomy import Flag, NerveSegment, Side, VesselKind
from nvc.model.findings import (
    Report,
    ReportedLandmarks,
    SideReport,
    Software,
    VesselAtContact,
)

RIGHT_CONTACT_MM = (17.0, 16.0, 18.0)


def contact_and_unknown() -> Report:
    """Return contact on the right, and a left side that was not evaluable."""
    right = SideReport(
        flag=Flag.PROXIMAL_CONTACT,
        reasons=("the vessel is two voxels wide",),
        distance_mm=0.0,
        distance_ci_mm=(0.0, 0.2),
        contact_probability=0.9,
        closest_point_nerve_mm=RIGHT_CONTACT_MM,
        closest_point_vessel_mm=RIGHT_CONTACT_MM,
        nerve_segment=NerveSegment.ROOT_DETACHMENT,
        distance_from_root_detachment_mm=0.4,
        vessel=VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.1),
        landmarks=ReportedLandmarks(porus_mm=(20.0, 12.0, 15.0)),
        base_rate="Contact is seen in about 1 of 5 normal sides.",
    )
    left = SideReport(flag=Flag.NOT_EVALUABLE, reasons=("the nerve was not found",))
    return Report(
        software=Software(name="nvc", version="0"),
        inputs=(),
        reference="t2",
        sides={Side.RIGHT: right, Side.LEFT: left},
    )
