"""What things are called in DICOM objects.

SNOMED CT and DICOM codes where there are any (PS3.16, CIDs 244, 7150, 7464, 7470,
7710). Neurovascular contact has none; a code that nearly fits would be read as a
diagnosis. So the rest is of the private scheme ``99NVC``, which says nothing but what
was measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from nvc.model.anatomy import NerveSegment, Side, Structure, VesselKind

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE_SCHEME = "99NVC"

LATERALITY = {
    Side.LEFT: Code("7771000", "SCT", "Left"),
    Side.RIGHT: Code("24028007", "SCT", "Right"),
}
_BOTH_SIDES = Code("51440002", "SCT", "Right and left")
ANATOMICAL_STRUCTURE = Code("123037004", "SCT", "Anatomical Structure")
FACIAL_NERVE = Code("56052001", "SCT", "Facial nerve")
_CN8 = Code("8598002", "SCT", "Vestibulocochlear nerve")
_VESSEL = Code("59820001", "SCT", "Blood vessel")
_VEIN = Code("29092000", "SCT", "Vein")
_ARTERY = Code("51114001", "SCT", "Artery")
_BRAINSTEM = Code("119238007", "SCT", "Brain stem")

DISTANCE = Code("121206", "DCM", "Distance")
MINIMUM = Code("255605001", "SCT", "Minimum")
COMMENT = Code("121106", "DCM", "Comment")
MM = Code("mm", "UCUM", "millimeter")
NO_UNITS = Code("1", "UCUM", "no units")
MRI_HEAD = Code("241601008", "SCT", "MRI of head")


def private(value: str, meaning: str) -> Code:
    """Return a code of the private scheme."""
    return Code(value, PRIVATE_SCHEME, meaning)


FINDING = private("NVC001", "Nearest vessel along the facial nerve")
GAP_LOWER = private("NVC002", "Lower end of 95 % interval of the distance")
GAP_UPPER = private("NVC003", "Upper end of 95 % interval of the distance")
ALONG_NERVE = private("NVC004", "Distance from root detachment along the nerve")
CONTACT_PROBABILITY = private("NVC005", "Probability that the walls touch")
VESSEL_DIAMETER = private("NVC006", "Vessel diameter at the nearest place")
EVALUABILITY = private("NVC010", "Evaluability")
EVALUABLE = private("NVC011", "Evaluable")
NOT_EVALUABLE = private("NVC012", "Not evaluable")
NERVE_SEGMENT = private("NVC020", "Segment of the facial nerve")
VESSEL_KIND = private("NVC040", "Kind of vessel")
NERVE_SEGMENTS: Mapping[NerveSegment, Code] = {
    segment: private(f"NVC02{n}", segment.value.replace("_", " ").capitalize())
    for n, segment in enumerate(NerveSegment, start=1)
}
VESSEL_KINDS: Mapping[VesselKind, Code] = {
    VesselKind.ARTERY: _ARTERY,
    VesselKind.VEIN: _VEIN,
    VesselKind.UNKNOWN: _VESSEL,
}


class SegmentCode(NamedTuple):
    """What a label is: its structure, and the side it lies on where it has one."""

    type: Code
    laterality: Code | None


SEGMENTS: Mapping[Structure, SegmentCode] = {
    Structure.CN7_LEFT: SegmentCode(FACIAL_NERVE, LATERALITY[Side.LEFT]),
    Structure.CN7_RIGHT: SegmentCode(FACIAL_NERVE, LATERALITY[Side.RIGHT]),
    Structure.CN8_LEFT: SegmentCode(_CN8, LATERALITY[Side.LEFT]),
    Structure.CN8_RIGHT: SegmentCode(_CN8, LATERALITY[Side.RIGHT]),
    # One label holds the vessels around both nerves; the brainstem is unpaired.
    Structure.ARTERY: SegmentCode(_ARTERY, _BOTH_SIDES),
    Structure.VEIN: SegmentCode(_VEIN, _BOTH_SIDES),
    Structure.VESSEL_UNKNOWN: SegmentCode(_VESSEL, _BOTH_SIDES),
    Structure.BRAINSTEM: SegmentCode(_BRAINSTEM, None),
}


def name_private_scheme() -> Dataset:
    """Return the item of Coding Scheme Identification Sequence for ``99NVC``."""
    item = Dataset()
    item.CodingSchemeDesignator = PRIVATE_SCHEME
    item.CodingSchemeName = "NVC Review private codes"
    item.CodingSchemeResponsibleOrganization = "The NVC Review developers"
    return item
