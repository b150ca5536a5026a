"""Settings of following CN VII and CN VIII."""

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
    statistics,
)
from nvc.settings.groups.nerve import (
    DrawnSettings,
    PlaneSettings,
    RootSettings,
    SeenSettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveSettings:
    """Settings of following CN VII and CN VIII."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    seen: SeenSettings = field(default_factory=SeenSettings)
    plane: PlaneSettings = field(default_factory=PlaneSettings)
    drawn: DrawnSettings = field(default_factory=DrawnSettings)
    root: RootSettings = field(default_factory=RootSettings)

    surface_gap_mm: float = judged(
        0.3, "mm", "definition of the root detachment point", ge=0.0, le=1.0
    )
    stem_aside_min: float = heads(
        0.25,
        "cosine",
        "the brainstem faces within 66 degrees of sideways where CN VII leaves it (.40 "
        "to .90 on 18 sides), what a flocculus offers the nerve beyond 80 (below .2)",
        ge=-1.0,
        le=1.0,
    )
    typical_radius_mm: float = judged(
        0.8, "mm", "CN VII is 1.5-2.0 mm across in the cistern", ge=0.4, le=1.5
    )
    step_mm: float = geometry(0.5, "mm", "about a voxel", ge=0.2, le=1.0)
    spacing_mm: float = geometry(0.4, "mm", "about a voxel", ge=0.2, le=1.0)
    search_lateral_mm: float = geometry(
        3.0, "mm", "a third of the canal (9.8 mm in adult CT)", ge=0.0, le=8.0
    )
    search_medial_mm: float = geometry(
        24.0,
        "mm",
        "longest free course, 16.5 + 2 x 1.8 mm (CN VIII), and some of the brain",
        ge=10.0,
        le=40.0,
    )
    search_step_mm: float = geometry(0.75, "mm", "a nerve's radius", ge=0.3, le=2.0)
    search_spacing_mm: float = geometry(
        0.6, "mm", "under a nerve's radius", ge=0.2, le=1.0
    )
    search_half_width_mm: float = heads(
        9.6, "mm", "seeds of the root are within 9 mm in a slab", ge=3.0, le=15.0
    )
    free_direction: tuple[float, float, float] = heads(
        (0.9, 0.33, 0.25),
        "outwards, anterior, superior",
        "root to porus; ten sides of real heads read by eye lie within 22 degrees",
    )
    search_slope: float = geometry(
        0.5,
        "mm/mm",
        "a root seed 8 mm off 16 mm from the porus, as one sigma",
        ge=0.05,
        le=1.0,
    )
    open_fluid_cost: float = phantoms(
        0.5,
        "of an ideal nerve",
        "in fluid as bright as fluid there is no nerve, however thin",
        ge=0.0,
        le=5.0,
    )
    free_length_mm: float = published(
        14.0,
        "mm",
        "porus to root: 12.4 +- 1.9 mm (Gupta 2023); CN VIII 11.5 +- 2.0 and 16.5 "
        "+- 1.8 mm",
        ge=5.0,
        le=25.0,
    )
    free_length_sd_mm: float = judged(
        4.0, "mm", "spread between the studies, and of the porus", ge=1.0, le=10.0
    )
    length_weight: float = phantoms(1.0, "", "soft against the data (1)", ge=0, le=10)
    end_weight: float = phantoms(
        10.0,
        "of the prior in a plane",
        "a direction is off once, over all of the ten planes or more of a free nerve",
        ge=0,
        le=50,
    )
    way_sd_mm: float = geometry(
        1.5, "mm", "half of a pair's width about its middle", ge=0.3, le=6.0
    )
    half_width_mm: float = geometry(
        4.0, "mm", "both nerves on either side of their middle", ge=2.0, le=10.0
    )
    no_spot_cost: float = phantoms(
        0.12,
        "of an ideal nerve",
        "a spot fainter than an eighth of a nerve is none",
        ge=0.0,
        le=1.0,
    )
    dark_cost: float = phantoms(
        0.4,
        "of an ideal nerve",
        "bone or a flow void outweighs a faint spot",
        ge=0.0,
        le=2.0,
    )
    fluid_cost: float = phantoms(
        0.3,
        "of an ideal nerve",
        "open fluid outweighs a faint spot",
        ge=0.0,
        le=2.0,
    )
    spot_sigma_mm: float = geometry(
        0.6, "mm", "three quarters of the typical radius", ge=0.3, le=1.5
    )
    darkest_nerve: float = published(
        -0.18,
        "tissue scale",
        "as dark as brain, and from either side the ringing of an image whose spectrum "
        "was cut takes 9 % of the step from fluid (Gibbs 1899, doi:10.1038/059606a0)",
        ge=-1.0,
        le=0.0,
    )
    separation_mm: float = published(
        2.2, "mm", "VII and VIII lie 1-3 mm apart and converge (Rhoton)", ge=1.0, le=4.0
    )
    separation_sd_mm: float = judged(1.2, "mm", "same", ge=0.2, le=3.0)
    separation_min_mm: float = geometry(1.0, "mm", "two half nerves", ge=0.5, le=2.0)
    separation_max_mm: float = geometry(
        5.4, "mm", "four sigma of the above", ge=2, le=8
    )
    separation_doubt_max: float = statistics(
        1.0, "", "two sigma; farther apart it is planes at a slant", ge=0.5, le=20
    )
    eighth_weight: float = judged(
        1.3,
        "of CN VII's",
        "CN VIII is 1.44-2.31 mm thick, CN VII 1.5-2.0: a lone spot is more likely it",
        ge=0.5,
        le=3.0,
    )
    overlap_weight: float = phantoms(
        2.0, "", "two nerves in one place cost more than a spot", ge=0, le=10
    )
    facial_lies_towards: tuple[float, float] = published(
        (0.87, 0.5),
        "",
        "anterior 1-3 mm at the brainstem, anterior-superior in the canal (Rhoton)",
    )
    order_cosine_min: float = geometry(
        0.0, "", "VII is anterior-superior of VIII, within 90 degrees", ge=-1, le=0.9
    )
    pair_weight: float = phantoms(0.12, "", "soft against the data (1)", ge=0, le=2)
    move_weight: float = phantoms(0.08, "", "soft against the data (1)", ge=0, le=2)
    prior_weight: float = phantoms(0.2, "", "soft against the data (1)", ge=0, le=2)
    beyond_root_mm: float = phantoms(
        5.0, "mm", "the seed of the root may lie too far out", ge=0, le=12
    )
    stiffness_mm: float = phantoms(
        6.0,
        "mm",
        "a nerve pushed aside bends over some 10 mm; a shorter bend is a vessel taken "
        "for it",
        ge=1.0,
        le=12.0,
    )
    contrast: float = phantoms(
        0.9, "tissue scale", "nerve is close to brain (0) in CSF (1)", ge=0.2, le=1.5
    )
    contrast_sd: float = phantoms(0.2, "tissue scale", "before pooling", ge=0.01, le=1)
    pooled_contrast_sd: float = phantoms(
        0.05, "tissue scale", "the nerve's signal varies little", ge=0.01, le=1
    )
    radius_sd_mm: float = geometry(
        0.3, "mm", "spread of cisternal diameters 1.5-2.3 mm, halved", ge=0.05, le=1
    )
    fit_half_width_mm: float = geometry(4.5, "mm", "holds both nerves", ge=2, le=8)
    fit_spacing_mm: float = geometry(0.25, "mm", "half a voxel", ge=0.1, le=0.6)
    fit_reach_mm: float = geometry(
        1.9, "mm", "two radii: sees the wall and some CSF", ge=1.0, le=4.0
    )
    blur_voxels: float = geometry(
        0.5,
        "voxels",
        "one sigma of a point spread of about one voxel's width",
        ge=0.2,
        le=1.5,
    )
    model_noise: float = phantoms(
        0.05, "tissue scale", "texture that two discs do not describe", ge=0, le=0.5
    )
    loss: float = phantoms(
        0.2, "tissue scale", "a fifth of the step from CSF to nerve", ge=0.02, le=2
    )
    seen_sd_mm: float = statistics(
        0.2, "mm", "under the prior's 0.3 mm: the image has had its say", ge=0.02, le=1
    )
    one_band_share: float = geometry(
        0.5,
        "of both radii",
        "circles that overlap by half: blur leaves one band",
        ge=0.1,
        le=1.0,
    )
    one_band_mm: float = geometry(
        3.0, "mm", "a quarter of the free nerve (12.4 mm)", ge=0.5, le=12.0
    )
    jump_factor: float = geometry(
        1.6, "ratio", "a nerve at 50 degrees to the planes across the other", ge=1, le=5
    )
    lost_sd_mm: float = phantoms(
        0.12, "mm", "a clear nerve is placed to 0.05 mm, fluid to the prior", ge=0, le=1
    )
    unseen_share_max: float = judged(
        0.4, "of the free nerve", "more is a guess, not a nerve", ge=0.0, le=1.0
    )
    surface_node_mm: float = geometry(0.4, "mm", "about a voxel", ge=0.2, le=1.0)
    surface_margin_mm: float = phantoms(8.0, "mm", "room around the seeds", ge=2, le=20)
    midline_half_mm: tuple[float, float, float] = judged(
        (8.0, 14.0, 14.0),
        "mm right, anterior, superior",
        "half extents of the adult pons and upper medulla about the midline",
        ge=2.0,
        le=40.0,
    )
    surface_sigma_mm: float = geometry(0.4, "mm", "under a voxel", ge=0.1, le=1.0)
    opening_radius_mm: float = geometry(
        1.6, "mm", "a nerve up to 3.2 mm across does not hold this ball", ge=0.8, le=4
    )
    sheet_height_sd_mm: float = geometry(
        0.5, "mm", "what blur may shift a thresholded surface by", ge=0.1, le=2.0
    )
    sheet_slope_sd: float = geometry(
        0.15, "mm/mm", "the same over the window's 3.5 mm", ge=0.01, le=1.0
    )
    sheet_bend_sd_per_mm: float = geometry(
        0.03, "1/mm", "the pons curves with a radius of over 15 mm", ge=0.0, le=0.3
    )
    sheet_shift_max_mm: float = phantoms(
        1.2, "mm", "farther off it is another surface", ge=0.2, le=3.0
    )
    sheet_misfit_max: float = phantoms(
        0.3, "tissue scale", "the sheet does not describe the place", ge=0.05, le=1.0
    )
    void_level: float = phantoms(
        -0.4, "tissue scale", "between brain (0) and flow void or fat", ge=-2, le=-0.1
    )
    attached_mm: float = published(
        6.6,
        "mm",
        "root exit to detachment: 8 mm to the transition zone (Tomii 2003) less the "
        "2.6 mm (JKNS 2014) or 3.7 mm (Gupta 2023) of it that run free, and 10 mm "
        "(Neurographics 2015;5(1)): mean of the three",
        ge=2,
        le=14,
    )
    attached_spread_mm: float = published(
        3.0,
        "mm",
        "standard deviation of the three above (Tomii 2003, JKNS 2014, Gupta 2023)",
        ge=0.5,
        le=8,
    )
    attached_turn_sd_deg: float = judged(
        25.0,
        "degrees",
        "sideways at its detachment a nerve turns no more than it lifts off the brain "
        "there, 15 to 50 degrees",
        ge=5,
        le=90,
    )
    attached_bend_sd_per_mm: float = geometry(
        0.033,
        "1/mm",
        "as two sigma that of the pons: a radius of over 15 mm",
        ge=0.001,
        le=0.3,
    )
    way_step_deg: float = geometry(5.0, "degrees", "a voxel 6 mm away", ge=1, le=20)
    exit_seed_sd_mm: float = heads(
        4.0, "mm", "atlas priors of the root are good to 3-4 mm", ge=0.5, le=10
    )
    attached_sd_mm: float = geometry(
        0.3, "mm", "half a voxel: only one wall is seen", ge=0.05, le=2
    )
    output_step_mm: float = geometry(0.25, "mm", "half a voxel", ge=0.05, le=1)
    box_margin_mm: float = geometry(18.0, "mm", "canal beyond the porus", ge=5, le=40)
    clear_response: float = phantoms(
        0.4, "of an ideal nerve", "two blurred nerves side by side", ge=0.05, le=1
    )
    level_max: float = phantoms(
        0.8, "tissue scale", "nearer to nerve than to CSF after blurring", ge=0.3, le=1
    )
