"""Names and sizes of the anatomy, in the field's own terms."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Side(StrEnum):
    """The patient's own left or right."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT

    @property
    def sign(self) -> int:
        """Sign of the R coordinate on this side: +1 right, -1 left (RAS)."""
        return 1 if self is Side.RIGHT else -1


class NerveSegment(StrEnum):
    """Where along CN VII, from the brainstem outwards (Campos-Benitez 2008)."""

    ROOT_EXIT = "root_exit"
    ATTACHED = "attached"
    ROOT_DETACHMENT = "root_detachment"
    TRANSITION = "transition"
    CISTERNAL = "cisternal"
    CANAL = "canal"


class VesselKind(StrEnum):
    """What kind of vessel; `UNKNOWN` where the sequences cannot tell."""

    ARTERY = "artery"
    VEIN = "vein"
    UNKNOWN = "unknown"


class Structure(IntEnum):
    """Values of the label volume ``segmentation.nii.gz``."""

    BACKGROUND = 0
    CN7_LEFT = 1
    CN7_RIGHT = 2
    CN8_LEFT = 3
    CN8_RIGHT = 4
    ARTERY = 5
    VEIN = 6
    VESSEL_UNKNOWN = 7
    BRAINSTEM = 8


FACIAL_LABEL = {Side.LEFT: Structure.CN7_LEFT, Side.RIGHT: Structure.CN7_RIGHT}
"""Label of CN VII on each side."""

VESTIBULOCOCHLEAR_LABEL = {
    Side.LEFT: Structure.CN8_LEFT,
    Side.RIGHT: Structure.CN8_RIGHT,
}
"""Label of CN VIII on each side."""

VESSEL_LABEL = {
    VesselKind.ARTERY: Structure.ARTERY,
    VesselKind.VEIN: Structure.VEIN,
    VesselKind.UNKNOWN: Structure.VESSEL_UNKNOWN,
}
"""Label of each kind of vessel, what is known best first."""

VESSEL_KIND = {label: kind for kind, label in VESSEL_LABEL.items()}
"""Kind of vessel of each label, in the same order."""


class Flag(StrEnum):
    """What a reader is asked to look at; never a diagnosis."""

    POSSIBLE_COMPRESSION = "possible_compression"
    PROXIMAL_CONTACT = "proximal_contact"
    DISTAL_CONTACT = "distal_contact"
    NEAR = "near"
    CLEAR = "clear"
    NOT_EVALUABLE = "not_evaluable"


class RemarkKind(StrEnum):
    """What else is measured and remarked on where it is unusual."""

    BASILAR_WIDE = "basilar_wide"
    BASILAR_OFF_MIDLINE = "basilar_off_midline"
    ARTERY_BULGE = "artery_bulge"
    CISTERN_FILLED = "cistern_filled"
    CANAL_FILLED = "canal_filled"
    CANAL_WIDE = "canal_wide"
    CANAL_CUT_OFF = "canal_cut_off"
    CISTERN_CUT_OFF = "cistern_cut_off"
    THICK_SLICES = "thick_slices"
