"""Settings of dark strands: following them, and telling vessels from all else."""

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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DarkSettings:
    """Settings of following dark ridges, and of telling where they show."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    scales_mm: tuple[float, ...] = geometry(
        (0.35, 0.5, 0.7, 1.0, 1.4),
        "mm",
        "smoothings from the thinnest vessel to the widest of the angle",
        ge=0.1,
        le=6.0,
    )
    soft_share: float = phantoms(
        0.4,
        "of the thinnest free tube's answer",
        "a ridge: a wider vessel of slow flow that lies on the pons, with fluid on one "
        "side only, answers no better, nor does one as thin as a voxel that runs "
        "between voxels' centres",
        ge=0.05,
        le=1.0,
    )
    strong_share: float = phantoms(
        0.55,
        "of the thinnest free tube's answer",
        "somewhere along a ridge that is followed",
        ge=0.05,
        le=1.0,
    )
    line_reach_mm: float = geometry(
        0.9,
        "mm",
        "from a path its own ridge may wander; what lies farther off is another",
        ge=0.2,
        le=5.0,
    )
    csf_near_mm: float = judged(
        1.5, "mm", "one sigma, over which a ridge's surroundings count", ge=0.2, le=10.0
    )
    csf_near_min: float = judged(
        0.25, "fraction", "of them are CSF in the cistern", ge=0.0, le=1.0
    )
    ring_gap_mm: float = geometry(
        0.9,
        "mm",
        "off its wall a strand's surroundings are looked at: beyond the blur of it",
        ge=0.2,
        le=5.0,
    )
    ring_dark_max: float = judged(
        0.15,
        "fraction",
        "of a strand's surroundings: bone or dura on one side makes an edge, not a "
        "tube",
        ge=0.0,
        le=1.0,
    )
    ring_bright_min: float = judged(
        0.5, "fraction", "of them are CSF in the open", ge=0.0, le=1.0
    )
    sharper: float = phantoms(
        0.92,
        "of the point spread",
        "that was measured: a too wide one makes a thin nerve look as dark as a void, "
        "so that tubes are judged with a sharper one",
        ge=0.3,
        le=1.0,
    )
    sharper_assumed: float = phantoms(
        0.75,
        "of the point spread",
        "that was only assumed: much sharper, for the same reason",
        ge=0.3,
        le=1.0,
    )
    believed_stations: int = judged(
        8,
        "stations",
        "of CN VII and CN VIII, 4 mm, weigh as much as the belief that nerves look "
        "like brain",
        ge=0,
        le=100,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandsSettings:
    """Settings of explaining dark strands: vessel, nerve, texture or edge."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    level_sd: float = phantoms(
        0.06,
        "of brain to CSF",
        "what shading and point spread may put the scale off",
        ge=0.01,
        le=0.3,
    )
    blurred_radius_mm: float = geometry(
        0.8,
        "mm",
        "thinner than about two voxels calibre and level are hard to tell apart",
        ge=0.2,
        le=2.0,
    )
    shared_stations: float = geometry(
        3.0,
        "stations",
        "in a row use the same voxel, and are not independent",
        ge=1.0,
        le=10.0,
    )
    change_cost: float = statistics(
        6.0,
        "log odds",
        "one station in some hundred is a change, and it has a level to choose",
        ge=1.0,
        le=50.0,
    )
    void_from: float = judged(
        0.25, "of brain to void", "flow voids are darker", ge=0.05, le=0.9
    )
    void_reach: float = phantoms(
        1.2,
        "of brain to void",
        "a tube that is drawn a little too thin comes out a little too dark",
        ge=1.0,
        le=3.0,
    )
    slow_share: float = judged(
        0.15,
        "fraction",
        "of vessels that are grey: veins of slow flow, arteries thinner than a voxel",
        ge=0.0,
        le=0.9,
    )
    slow_to: float = judged(
        0.15, "of brain to CSF", "no vessel is brighter", ge=0.0, le=0.5
    )
    nerve_sd: float = phantoms(
        0.05, "of brain to CSF", "among the nerves of one head", ge=0.02, le=0.5
    )
    bundle_to: float = judged(
        0.25,
        "of brain to CSF",
        "thin roots have fluid between their fibres and are brighter by up to that",
        ge=0.05,
        le=0.8,
    )
    texture_to: float = judged(
        0.6,
        "of brain to CSF",
        "folia and plexus lie between brain and this",
        ge=0.1,
        le=1,
    )
    odd_share: float = judged(
        0.02, "fraction", "of strands of any level, whatever they are", ge=1e-4, le=0.2
    )
    odd_reach: float = judged(
        1.5,
        "of brain to void",
        "half as much below brain again as a void: a scale goes no farther",
        ge=1.0,
        le=5.0,
    )
    vessel_widths: float = judged(
        8.0, "widths", "mean length of a vessel's stretch", ge=2.0, le=50.0
    )
    texture_widths: float = judged(
        2.0, "widths", "mean length of a fold or knob", ge=0.5, le=10.0
    )
    closed_share: float = phantoms(
        0.2,
        "fraction",
        "of the surroundings of what lies in the open is no fluid, one sigma off none: "
        "of 41 drawn vessels one in ten shows more than 0.25",
        ge=0.02,
        le=1.0,
    )
    bone_share: float = phantoms(
        0.08,
        "fraction",
        "of them is as dark as bone, one sigma from none: at most 0.06 of 44 drawn "
        "vessels",
        ge=0.01,
        le=1.0,
    )
    edges_of_bone: float = judged(
        0.5,
        "fraction",
        "of edges have bone behind them, and else brain or dura, no darker than brain",
        ge=0.05,
        le=0.95,
    )
    edge_bone_to: float = geometry(
        0.5,
        "fraction",
        "of an edge's surroundings is bone at most: one side",
        ge=0.2,
        le=1,
    )
    edge_fluid: float = geometry(
        0.45,
        "fraction",
        "of an edge's surroundings is fluid: one side of it, less what blur takes",
        ge=0.2,
        le=0.8,
    )
    edge_fluid_sd: float = phantoms(
        0.15,
        "fraction",
        "of it, as the ends of lips and ridges reach out",
        ge=0.02,
        le=0.5,
    )
    parallel_deg: float = judged(
        20.0,
        "degree",
        "nerves of the angle run side by side: angle to CN VII, one sigma",
        ge=5.0,
        le=60.0,
    )
    passing_mm: float = geometry(
        3.0,
        "mm",
        "beyond CN VII on both sides; nerves begin where it does",
        ge=1,
        le=10,
    )
    passing_nerve: float = judged(
        0.02, "fraction", "of nerves seem to pass CN VII like that", ge=1e-3, le=0.5
    )
    passing_other: float = judged(
        0.4, "fraction", "of vessels and folds that come near pass it", ge=0.05, le=0.95
    )
    beside_mm: float = judged(
        4.0,
        "mm",
        "past their roots CN V and CN IX to XI keep about that from CN VII (Rhoton)",
        ge=0.5,
        le=8.0,
    )
    ninth_roots_mm: float = published(
        3.0,
        "mm",
        "the roots of CN IX leave 2-3 mm below that of CN VII (Rhoton)",
        ge=0.0,
        le=10.0,
    )
    roots_apart_mm: float = geometry(
        0.5, "mm", "fluid between the roots of CN VII and CN IX", ge=0.0, le=3.0
    )
    certain_odds: float = statistics(
        1.1, "log odds", "three to one: taken for a vessel", ge=0.0, le=10.0
    )
    doubted_odds: float = statistics(
        -1.1,
        "log odds",
        "one to three: below that no vessel goes on across it",
        ge=-10.0,
        le=0.0,
    )
    missed_chance: float = judged(
        0.1,
        "probability",
        "that a vessel hides among the strands nearer than any vessel: more leaves the "
        "side open; strands that were cut in pieces count once each, so it is less",
        ge=0.001,
        le=0.5,
    )
    going_on: float = judged(
        0.6,
        "fraction",
        "of neighbours on one path are one structure; paths run on along others",
        ge=0.0,
        le=0.99,
    )
    doubted_within_mm: float = judged(
        1.3,
        "mm",
        "of CN VII what may be vessels leaves the side open: near reaches 1 mm, and a "
        "strand's wall is known to some third of one",
        ge=0,
        le=5,
    )
    hidden_mm: float = geometry(
        5.0,
        "mm",
        "CN VII and CN VIII, both about 2 mm wide, hide this much",
        ge=1,
        le=15,
    )
    onward_mm: float = geometry(
        1.5, "mm", "from the end of a stretch to what goes on from it", ge=0.5, le=5.0
    )
    apart_mm: float = geometry(
        0.3,
        "mm",
        "two ends that are nearer, by half a voxel, have no direction between them",
        ge=0.0,
        le=3.0,
    )
