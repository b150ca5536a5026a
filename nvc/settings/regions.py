"""Settings of finding the head pose and the canals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    heads,
    judged,
    phantoms,
    published,
    template,
)
from nvc.settings.anatomy import CANAL_DIAMETER, CANAL_LENGTH
from nvc.settings.groups.regions import (
    CanalSettings,
    FaceSettings,
    LevelsSettings,
    StemSettings,
    VerdictSettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsSettings:
    """Settings of finding the head pose and the canals."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    levels: LevelsSettings = field(default_factory=LevelsSettings)
    canal: CanalSettings = field(default_factory=CanalSettings)
    face: FaceSettings = field(default_factory=FaceSettings)
    stem: StemSettings = field(default_factory=StemSettings)
    verdict: VerdictSettings = field(default_factory=VerdictSettings)

    seed_disagreement_mm: float = judged(
        5.0, "mm", "two independent cues must agree", ge=1.0, le=15.0
    )
    coarse_voxel_mm: float = geometry(
        1.0, "mm", "a quarter of the vestibule", ge=0.5, le=2.0
    )
    ear_blob_sigma_mm: float = geometry(
        1.0, "mm", "half the radius of the vestibule (about 4 mm wide)", ge=0.5, le=3.0
    )
    shell_inner_mm: float = geometry(
        4.5, "mm", "beyond vestibule and cochlea's own width", ge=2.0, le=8.0
    )
    shell_outer_mm: float = geometry(
        9.0, "mm", "inside the otic capsule and petrous bone", ge=5.0, le=15.0
    )
    ear_candidates: int = phantoms(
        120, "places", "both labyrinths and the decoys of a whole head", ge=10, le=300
    )
    ear_distance_mm: float = template(
        80.0, "mm", "between the vestibules, 82 mm in MNI space", ge=60.0, le=100.0
    )
    ear_lead_min: float = phantoms(
        0.1,
        "of CSF",
        "an ear is brighter than what surrounds it by this",
        ge=0.0,
        le=1.0,
    )
    ear_bright_min: float = phantoms(
        0.2, "of CSF", "an ear's own brightness, blurred", ge=0.0, le=1.0
    )
    ear_enclosed_min: tuple[float, float] = phantoms(
        (0.0, -0.3),
        "of CSF",
        "of pairs, where bone is all round; of ears that a canal leads to, whose roof "
        "may be so thin that fluid lies above it: an ear less twice the upper quartile "
        "about it",
    )
    ear_distance_sd_mm: float = judged(
        12.0, "mm", "adult heads differ; cochlea and vestibule too", ge=3.0, le=30.0
    )
    ear_distance_min_mm: float = judged(
        50.0, "mm", "no adult labyrinths are closer", ge=30.0, le=75.0
    )
    ear_distance_max_mm: float = judged(
        115.0, "mm", "no adult labyrinths are farther apart", ge=85.0, le=150.0
    )
    max_head_tilt_deg: float = judged(
        25.0, "degree", "heads tilt to about 12 degrees in a coil", ge=5.0, le=45.0
    )
    verified_pairs: int = phantoms(
        10, "pairs", "canals are looked for at the best pairs only", ge=1, le=50
    )
    canals_a_side: int = judged(
        3, "canals", "the canal itself and the likeliest gaps in the bone", ge=1, le=10
    )
    canal_search_lateral_mm: float = judged(
        4.0, "mm", "the pair may have been found on the cochlea", ge=0.0, le=10.0
    )
    canal_search_medial_mm: float = template(
        34.0, "mm", "vestibule to porus is 15.5 mm in MNI space", ge=20.0, le=50.0
    )
    canal_search_half_width_mm: float = judged(
        14.0, "mm", "labyrinth and canal lie within 8 mm of each other", ge=8.0, le=25.0
    )
    canal_thresholds: tuple[float, ...] = phantoms(
        (0.125, 0.19, 0.25, 0.32, 0.45),
        "from bone to CSF",
        "bone is enclosing at several thresholds",
    )
    canal_refinements: int = judged(
        2, "times", "the axis settles after two looks along itself", ge=1, le=5
    )
    canal_area_min_mm2: float = geometry(
        7.0, "mm2", "a circle 3 mm across; canals are 5.8 mm", ge=3.0, le=15.0
    )
    canal_area_max_mm2: float = geometry(
        75.0, "mm2", "a circle 9.8 mm across; the opening is 7.1 mm", ge=40.0, le=150.0
    )
    canal_bony_min_mm: float = geometry(
        3.0, "mm", "the oblique mouth leaves over half of 9.8 mm", ge=1.0, le=6.0
    )
    canal_end_min_mm: float = geometry(
        1.5,
        "mm",
        "where the face is most oblique bone is all round the fundus alone",
        ge=1.0,
        le=6.0,
    )
    canal_walls_min: float = geometry(
        0.75, "share", "an oblique face takes one of four walls away", ge=0.5, le=1.0
    )
    canal_tilt_max_deg: float = judged(
        40.0, "degree", "the canal runs across the head", ge=20.0, le=60.0
    )
    canal_beside_ear_mm: float = judged(
        8.0, "mm", "the axis passes between cochlea and vestibule", ge=3.0, le=15.0
    )
    canal_diameter_mm: float = published(
        CANAL_DIAMETER.mean, "mm", CANAL_DIAMETER.source, ge=4.0, le=8.0
    )
    canal_length_mm: float = published(
        CANAL_LENGTH.mean, "mm", CANAL_LENGTH.source, ge=7.0, le=14.0
    )
    canal_length_min_mm: float = geometry(
        4.0, "mm", "under half of the mean length of 9.8 mm", ge=1.0, le=8.0
    )
    canal_length_max_mm: float = geometry(
        20.0, "mm", "twice the mean length of 9.8 mm", ge=12.0, le=30.0
    )
    face_ring_mm: float = judged(
        5.0, "mm", "bone around the mouth that is still one plane", ge=2.0, le=10.0
    )
    face_reach_mm: float = geometry(
        24.0, "mm", "an oblique face 8 mm off the axis", ge=10.0, le=40.0
    )
    face_depth_mm: float = geometry(
        14.0, "mm", "an oblique face 8 mm off the axis", ge=5.0, le=25.0
    )
    face_rays_min: int = phantoms(
        20, "rays", "a plane needs a spread of places", ge=6, le=200
    )
    mouth_reach_mm: float = geometry(
        11.0, "mm", "an opening 7 mm wide in a face 70 degrees oblique", ge=5.0, le=20.0
    )
    face_slope_max: float = geometry(
        2.5, "mm/mm", "the face lies within 68 degrees across the axis", ge=1.0, le=5.0
    )
    mirror_voxel_mm: float = judged(
        3.0, "mm", "the plane of a whole head is an average over it", ge=1.0, le=6.0
    )
    mirror_likeness_min: float = phantoms(
        0.5,
        "correlation",
        "below it the image has no plane of symmetry",
        ge=0.0,
        le=1.0,
    )
    mirror_tilt_max_deg: float = judged(
        8.0, "degree", "twice the spread of ears' heights and depths", ge=2.0, le=20.0
    )
    brainstem_nod_sd_deg: float = phantoms(
        4.0,
        "degree",
        "spread between heads of the brainstem's lean; 2.5 in phantoms",
        ge=1.0,
        le=15.0,
    )
    petrous_nod_sd_deg: float = template(
        10.0,
        "degree",
        "the petrous face of the cerebellum leans 17-25 degrees over its height in "
        "MNI space; between differently drawn heads it differs by 10",
        ge=1.0,
        le=20.0,
    )
    grid_nod_sd_deg: float = judged(
        12.0,
        "degree",
        "heads tilt to about 12 degrees in a coil, and slabs are laid obliquely",
        ge=3.0,
        le=30.0,
    )
    nod_sigmas: float = geometry(
        3.0, "sigma", "two independent cues must agree", ge=1.0, le=6.0
    )
    brainstem_likeness_min: float = phantoms(
        0.25,
        "correlation",
        "with the template's brainstem; 0.34 and more in phantoms",
        ge=0.0,
        le=1.0,
    )
    brainstem_opening_mm: float = phantoms(
        4.0, "mm", "removes flocculus and nerves from the parenchyma", ge=1.0, le=8.0
    )
    seed_reach_mm: float = heads(
        6.0, "mm", "spread of the root about its place in MNI space", ge=2.0, le=12.0
    )
    porus_to_detachment_mm: tuple[float, float, float] = heads(
        (-10.0, -3.5, -1.0),
        "mm outward, anterior, superior",
        "read in MNI space and on one T1 head; the nerves rise slightly outwards",
    )
    detachment_to_exit_mm: tuple[float, float, float] = heads(
        (-4.7, -4.2, -3.5),
        "mm outward, anterior, superior",
        "read in MNI space and on one T1 head",
    )
    root_spread_mm: tuple[float, float, float] = heads(
        (3.0, 3.0, 4.0),
        "mm outward, anterior, superior",
        "spread of the root detachment about its place relative to the porus",
    )
    root_farthest_sds: float = judged(
        2.5, "sd", "of that spread; a root farther off is not tried", ge=0.5, le=6.0
    )
    anchored_sd_mm: float = judged(
        2.0, "mm", "of a root's seed on a surface that was found", ge=0.5, le=8.0
    )
    floating_sd_mm: float = judged(
        4.0, "mm", "of a root's seed that anatomy alone places", ge=0.5, le=12.0
    )
    root_contrast_unit: float = phantoms(
        0.05,
        "of CSF less bone",
        "a cord that stands out by this weighs as one sigma of place",
        ge=0.01,
        le=0.5,
    )
    porus_lateral_mm: float = template(
        26.0, "mm", "pori are 50-55 mm apart in adults", ge=20.0, le=35.0
    )
    porus_lateral_min_mm: float = template(
        18.0, "mm", "pori are 50-55 mm apart in adults", ge=10.0, le=24.0
    )
    porus_lateral_max_mm: float = template(
        38.0,
        "mm",
        "half of the widest usual distance, three sd of 2.5 mm, and 3 mm by which the "
        "mid-line errs",
        ge=28.0,
        le=45.0,
    )
    canal_score_sure: float = phantoms(
        0.35,
        "score",
        "a third of a canal of textbook size; mouths are oblique",
        ge=0.1,
        le=1.0,
    )
    canal_score_min: float = phantoms(
        0.3, "score", "anything less is a chance gap in the bone", ge=0.0, le=1.0
    )
    canal_fluid_min: float = phantoms(
        0.2,
        "of CSF less brain",
        "in the brightest fifth: nerves fill half of a canal, and most of a narrow one "
        "once blurred; a mass fills all of it",
        ge=0.0,
        le=0.5,
    )
    mirror_mismatch_mm: float = judged(
        7.0, "mm", "the pori of one head differ by about 2.5 mm (1 SD)", ge=3.0, le=15.0
    )
