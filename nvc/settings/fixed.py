"""Decisions that no run can change yet, for what they decide is not handed settings.

They are declared as settings are, so that they say what they rest on. One becomes a
setting where all that call for it can pass it on: then it moves to its stage's class.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nvc.settings._field import geometry, judged, phantoms, statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class TubeSettings:
    """Of fitting tubes to voxels, and of laying their courses."""

    half_length_mm: float = geometry(
        0.75,
        "mm",
        "of the piece of tube behind each station: long enough to average noise, short "
        "against the bends of an AICA loop (radius about 3 mm)",
    )
    course_smoothing_mm: float = phantoms(
        0.6, "mm", "over which centres are even, about a voxel"
    )
    calibre_smoothing_mm: float = phantoms(
        1.5, "mm", "over which a calibre is the same"
    )
    contrast_smoothing_mm: float = phantoms(
        4.0, "mm", "over which a contrast is the same"
    )
    least_centre_sd_mm: float = phantoms(
        0.03, "mm", "no centre is better known than this"
    )
    shown_sds: float = statistics(
        3.0, "sd", "a tube that explains the voxels no better is not seen"
    )
    inside_min_mm: float = geometry(
        0.4, "mm", "from a thin vessel's middle, what runs there is the same vessel"
    )
    link_mm: float = judged(
        4.0, "mm", "between two ends that may be joined: tracing breaks at forks"
    )
    link_cosine_min: float = judged(
        0.1,
        "cosine",
        "ends that point away from each other are not joined; whether there is a "
        "vessel in between is seen when the joined course is fitted",
    )
    beyond_mm: float = judged(
        4.0, "mm", "that a nerve goes on past both ends of what was tracked"
    )
    pooled_contrast_sd: float = phantoms(
        0.15, "of it", "of a contrast about what neighbouring stations say"
    )
    background_sd: float = phantoms(
        0.15, "tissue scale", "of the fluid about both nerves in one plane"
    )
    scale_exponent: float = phantoms(
        1.5, "power", "of its size, by which a scale counts; 2 favours wide structures"
    )
    crests_min: int = geometry(
        10,
        "of 13 lines through a voxel",
        "that have their highest value in it on a middle line: of a tube all but those "
        "along it, on a sheet no more than nine",
    )
    spread_radii: tuple[float, float] = phantoms(
        (2.0, 7.0), "of the blur", "radii whose edge tells the point spread"
    )
    spread_gain_min: float = phantoms(
        3.0, "a voxel", "a tube must explain to tell the point spread"
    )
    taken_within_mm: float = judged(
        5.0, "mm", "of its middle a vessel takes something from the fluid"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueSettings:
    """Of the scale on which brain is 0 and CSF 1."""

    dark_level: float = judged(
        -0.8,
        "tissue scale",
        "where bone is not told from CSF: fat and flow in a T1 are nearly twice as far "
        "from CSF as brain is",
    )
    dark_level_max: float = judged(
        -0.2, "tissue scale", "nearer to brain than this nothing is told from it"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSettings:
    """Of courses read from labels."""

    centre_sd: float = judged(
        0.25,
        "voxels",
        "a label's wall is known to half a voxel; its centre, averaged over many, "
        "better",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedSettings:
    """All of them; they are in no report."""

    tube: TubeSettings = field(default_factory=TubeSettings)
    tissue: TissueSettings = field(default_factory=TissueSettings)
    label: LabelSettings = field(default_factory=LabelSettings)


FIXED = FixedSettings()
