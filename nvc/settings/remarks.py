"""Settings of what else a reader must not miss.

References
----------
Smoker 1986, AJNR Am J Neuroradiol 7:61-72; Vieco 1997, AJNR Am J Neuroradiol
18:1385 (vertebrobasilar dolichoectasia). Folia Morphologica, article 19332 (canals
of 3786 patients). Koos 1998, J Neurosurg 88:506-512.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    judged,
    phantoms,
    published,
    statistics,
    template,
)
from nvc.settings.anatomy import BASILAR_ECTATIC, VERTEBRALS_JOIN_FROM_ROOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarksSettings:
    """Settings of what else a reader must not miss."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    basilar_max_mm: float = published(
        BASILAR_ECTATIC.mean, "mm", BASILAR_ECTATIC.source, ge=2.0, le=8.0
    )
    basilar_off_midline_mm: float = published(
        10.0,
        "mm",
        "over 10 mm from the shortest course is elongated (Vieco 1997)",
        ge=3.0,
        le=25.0,
    )
    basilar_within_mm: float = template(
        25.0,
        "mm",
        "of the midline: the canals open 25.5 mm from it in MNI space, and what lies "
        "beyond them is no basilar artery",
        ge=15.0,
        le=40.0,
    )
    basilar_held_mm: float = published(
        5.0, "mm", "the criteria were set on 5 mm slices (Smoker 1986)", ge=1.0, le=15.0
    )
    basilar_above_roots_mm: float = published(
        VERTEBRALS_JOIN_FROM_ROOTS.mean,
        "mm",
        "above the roots of CN VII no artery as wide is a VA; they join "
        + VERTEBRALS_JOIN_FROM_ROOTS.source,
        ge=-10.0,
        le=20.0,
    )
    basilar_rise_min: float = judged(
        0.5,
        "of its length",
        "however far aside, BA goes up the pons; its end branches go round the "
        "brainstem, level",
        ge=0.0,
        le=1.0,
    )
    trunk_min_mm: float = geometry(
        2.5,
        "mm",
        "BA is 3.2 (SD 0.5) mm across, its branches are thinner "
        "(doi:10.1136/neurintsurg-2012-010412)",
        ge=1.0,
        le=6.0,
    )
    fork_mm: float = judged(
        2.0, "mm", "from the wall, another artery may be a branch", ge=0.0, le=10.0
    )
    fork_of_trunk_mm: float = judged(
        5.0, "mm", "and one as wide as a trunk the trunk", ge=0.0, le=15.0
    )
    bulge_min_mm: float = judged(
        3.0, "mm", "smaller aneurysms do not show reliably in TOF", ge=1.0, le=10.0
    )
    bulge_ratio: float = judged(
        1.5, "ratio", "a dilatation to half again the calibre", ge=1.1, le=4.0
    )
    bulge_beside_mm: float = judged(
        5.0, "mm", "of the artery on either side, to compare with", ge=2.0, le=15.0
    )
    cistern_radius_mm: float = published(
        12.0, "mm", "free CN VII is 12.4 mm long (Gupta 2023)", ge=5.0, le=20.0
    )
    canal_radius_mm: float = geometry(
        7.0, "mm", "a canal is 4-8 mm across", ge=4.0, le=12.0
    )
    canal_covered_mm: float = geometry(
        3.0,
        "mm",
        "half of the width of 3786 canals, Folia Morphol",
        ge=1.0,
        le=6,
    )
    cistern_covered_mm: float = judged(
        5.0, "mm", "around CN VII: AICA's loop beside it", ge=1.0, le=12.0
    )
    cut_off_share: float = judged(
        0.05, "of a canal or cistern", "less is the rim of a slab", ge=0.0, le=0.5
    )
    canal_filled_mm: float = judged(
        3.0, "mm", "of a canal of 10 mm; smaller masses are not looked for", ge=1, le=10
    )
    canal_csf_min: float = phantoms(
        0.35, "of the other side's", "drawn without a mass: over 0.55", ge=0.05, le=0.9
    )
    canal_ends_mm: float = judged(
        2.0,
        "mm",
        "of a canal, left out: its lip slants and its fundus is uneven",
        ge=0.0,
        le=5.0,
    )
    canal_mirrored_mm: float = judged(
        3.0, "mm", "a mirrored canal may lie from where it is looked for", ge=0, le=8
    )
    canal_axis_mm: float = judged(
        1.5, "mm", "from its axis, the patch of fluid that is the canal", ge=0.2, le=4
    )
    bone_share_max: float = judged(
        0.5, "of brain", "bone is darker, nerve and tumour are not", ge=0.0, le=1.0
    )
    csf_full: float = judged(
        0.8,
        "from brain to CSF",
        "counts as CSF: shading goes on within a side",
        ge=0.3,
        le=1.0,
    )
    shading: tuple[float, float] = judged(
        (0.5, 2.0), "ratio", "of CSF on one side to the whole head's", ge=0.1, le=10
    )
    compared_covered_min: float = judged(
        0.9,
        "of a cistern",
        "must lie in the volume for the sides to be compared",
        ge=0.1,
        le=1.0,
    )
    canal_wider_mm: float = statistics(
        2.0, "mm", "canals: SD 0.25 mm (3786 canals, Folia Morphol)", ge=0.5, le=5.0
    )
    cistern_csf_min: float = phantoms(
        0.5, "of the other side's", "drawn without a mass: over 0.8", ge=0.05, le=0.9
    )
    body_min_mm: float = judged(
        6.0, "mm", "masses in the CPA measure 8 mm and more (Koos 1998)", ge=3.0, le=20
    )
