"""Settings of measuring gaps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    judged,
    phantoms,
    published,
    statistics,
)
from nvc.settings.groups.measure import (
    DeformitySettings,
    EndsSettings,
    PlacesSettings,
    SceneSettings,
    SurfaceSettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """Settings of measuring gaps."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    places: PlacesSettings = field(default_factory=PlacesSettings)
    surface: SurfaceSettings = field(default_factory=SurfaceSettings)
    ends: EndsSettings = field(default_factory=EndsSettings)
    scene: SceneSettings = field(default_factory=SceneSettings)
    deformity: DeformitySettings = field(default_factory=DeformitySettings)

    far_mm: float = judged(
        30.0, "mm", "from CN VII to the basilar artery and beyond", ge=2.0, le=60.0
    )
    search_distance_mm: float = judged(
        2.0, "mm", "bands: contact, near <= 1 mm, neighbouring 1-2 mm", ge=0.5, le=5.0
    )
    search_margin_mm: float = geometry(
        0.7, "mm", "centrelines may be off by this before the fit", ge=0.0, le=2.0
    )
    max_contacts: int = judged(
        20, "places a side", "bounds the work; nearest are kept", ge=1, le=200
    )
    porus_margin_mm: float = judged(
        1.5,
        "mm",
        "a mouth like a funnel is read to 1-2 mm: what lies by it is judged",
        ge=0.0,
        le=4.0,
    )
    root_exit_reach_mm: float = published(
        1.5, "mm", "REZ is loosely 2-3 mm long (Campos-Benitez 2008)", ge=0.0, le=4.0
    )
    detachment_reach_mm: float = geometry(
        1.0, "mm", "REZ of 2-3 mm at the detachment, half each way", ge=0.0, le=3.0
    )
    transition_end_mm: float = published(
        4.0,
        "mm past the RDP",
        "central myelin on the free nerve 3.7 +- 1.6 mm (Gupta 2023)",
        ge=1.0,
        le=8.0,
    )
    radius_sd_mm: float = geometry(
        0.12, "mm", "a quarter of a 0.5 mm voxel", ge=0.02, le=0.5
    )
    model_sd_mm: float = phantoms(
        0.04,
        "mm",
        "what ellipses and a Gaussian blur leave undescribed, from drawn heads",
        ge=0.0,
        le=0.3,
    )
    scene_radius_mm: float = phantoms(
        6.0,
        "mm",
        "as far as bends that are alike over 3 mm can be followed, from drawn heads",
        ge=2.0,
        le=8.0,
    )
    centre_sd_mm: float = geometry(
        0.35, "mm", "a centreline may be off by up to 0.7 mm", ge=0.05, le=1.0
    )
    diving_sd_mm: float = geometry(
        0.25,
        "mm",
        "half a voxel: only the outer half of a nerve shows where it dives in",
        ge=0.0,
        le=1.0,
    )
    slope_sd: float = geometry(
        0.12, "mm/mm", "a centreline's direction, about 7 degrees", ge=0.01, le=0.5
    )
    bend_sd_per_mm: float = judged(
        0.03, "1/mm", "bends left after smoothing: radius over 15 mm", ge=0.0, le=0.2
    )
    nerve_bend_sd_per_mm: float = geometry(
        0.15,
        "1/mm",
        "a nerve pushed aside by 1 mm within 3 mm bends with a radius of 5 to 10 mm",
        ge=0.01,
        le=0.5,
    )
    fit_radius_sd_mm: float = geometry(
        0.12,
        "mm",
        "radii from partial volume, a quarter of a 0.5 mm voxel",
        ge=0.05,
        le=0.6,
    )
    taper_sd_per_mm: float = judged(
        0.04, "1/mm", "calibres change by a fifth over 5 mm", ge=0.0, le=0.2
    )
    nerve_stretch_sd: float = judged(
        0.2, "log", "nerves are flattened up to 1 : 1.5", ge=0.0, le=0.6
    )
    vessel_stretch_sd: float = judged(
        0.04, "log", "an artery's pressure keeps it nearly round", ge=0.0, le=0.6
    )
    surface_tilt_sd: float = geometry(
        0.15, "mm/mm", "a mask's surface, about 9 degrees", ge=0.0, le=1.0
    )
    blur_voxels: float = geometry(
        0.5, "voxels", "one sigma of a point spread of 1.2 voxels' width", ge=0.1, le=2
    )
    blur_log_sd: float = judged(
        0.4, "log", "interpolated or filtered images: a factor of 1.5", ge=0.05, le=1
    )
    texture: float = judged(
        0.01, "of the contrast", "nothing is exactly a tube", ge=0.0, le=0.2
    )
    least_contrast: float = judged(
        0.3, "of the expected", "below this the tube does not show", ge=0.0, le=1.0
    )
    least_contrast_sd: float = statistics(
        4.0, "sd", "a tube that noise does not make", ge=1.0, le=20.0
    )
    known_contrast_sd: float = statistics(
        2.0,
        "sd",
        "a piece of nerve that is followed on both sides of it: seen at all, 95 %",
        ge=0.0,
        le=20.0,
    )
    most_noise: float = judged(
        0.4,
        "of the contrast",
        "beyond, tubes do not describe the voxels",
        ge=0.05,
        le=2,
    )
    farthest_shift_mm: float = geometry(
        1.0, "mm", "beyond half a nerve it is another structure", ge=0.2, le=3.0
    )
    radius_factor: float = judged(
        2.0, "ratio", "beyond, it is another structure", ge=1.2, le=5.0
    )
    widest_gap_sd_mm: float = geometry(
        0.35, "mm", "about half a voxel: surfaces do better", ge=0.05, le=1.0
    )
    widest_indentation_sd_mm: float = geometry(
        0.15, "mm", "half of the least groove that matters (0.3 mm)", ge=0.02, le=1.0
    )
    widest_deviation_sd_mm: float = geometry(
        0.3, "mm", "half of the least shift that matters (0.6 mm)", ge=0.02, le=1.0
    )
    calibre_sd_mm: float = judged(
        0.06, "mm", "an untouched nerve's calibre over 5 mm", ge=0.0, le=0.5
    )
    free_bend_sd_per_mm: float = judged(
        0.03,
        "1/mm",
        "the free nerve runs nearly straight: off a line by 0.5 mm over 12 mm",
        ge=0.005,
        le=0.3,
    )
    attached_bend_sd_per_mm: float = judged(
        0.06,
        "1/mm",
        "the attached nerve follows a pons 34 mm wide",
        ge=0.005,
        le=0.3,
    )
    corner_bend_per_mm: float = judged(
        0.2,
        "1/mm",
        "out of the pons and onto it: half of a turn by 60 degrees over 2.5 mm",
        ge=0.0,
        le=0.5,
    )
    corner_bend_sd_per_mm: float = judged(
        0.5,
        "1/mm",
        "the same turn may be none, or twice as large and within a millimetre",
        ge=0.005,
        le=1.0,
    )
    sides_alike: float = judged(
        0.5,
        "1",
        "correlation of untouched bends of both sides; no published figure, half",
        ge=0.0,
        le=0.95,
    )
    side_calibre_sd_mm: float = judged(
        0.15,
        "mm",
        "calibre of one nerve against the other; no published figure, a tenth of it",
        ge=0.0,
        le=1.0,
    )
    brainstem_beyond_mm: float = judged(
        2.0,
        "mm",
        "brain farther out than the root detachment by this is cerebellum",
        ge=0.0,
        le=10.0,
    )
