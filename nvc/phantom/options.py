"""What may be asked of a phantom, and the named samples."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from nvc.errors import InputError
from nvc.model.anatomy import NerveSegment, Side

VESSELS = ("none", "aica", "pica", "va", "vein")
SEGMENTS = tuple(part.value for part in NerveSegment if part is not NerveSegment.CANAL)
STORAGE_ORDERS = tuple(
    "".join(codes)
    for axes in (
        ("RL", "AP", "SI"),
        ("RL", "SI", "AP"),
        ("AP", "RL", "SI"),
        ("AP", "SI", "RL"),
        ("SI", "RL", "AP"),
        ("SI", "AP", "RL"),
    )
    for codes in ((a, b, c) for a in axes[0] for b in axes[1] for c in axes[2])
)
"""All 48 ways to store a volume, such as ``"RAS"`` and ``"PIR"``."""
MOST_DEVIATION_MM = {"root_exit": 0.5, "attached": 1.0, "root_detachment": 2.0}
"""How far CN VII can be pushed aside where the brainstem holds it; 3 mm elsewhere."""


def _check(name: str, value: object, holds: bool, expected: str) -> None:
    if not holds:
        raise InputError.of("bad-phantom", name, f"is {value!r}; expected {expected}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What comes near CN VII on one side.

    Parameters
    ----------
    vessel : str
        ``"aica"``, ``"pica"``, ``"va"``, ``"vein"``, or ``"none"``: every vessel then
        stays more than 2.5 mm away.
    segment : str
        Part of the nerve, a value of `nvc.model.anatomy.NerveSegment` but ``canal``.
    gap_mm : float
        Least wall-to-wall distance over the course from root exit to porus.
    indentation_mm : float
        How far the wall on the vessel's side is pressed in.
    deviation_mm : float
        How far the nerve's centre is pushed away from the vessel.
    """

    vessel: str = "none"
    segment: str = "root_detachment"
    gap_mm: float = 0.0
    indentation_mm: float = 0.0
    deviation_mm: float = 0.0

    def __post_init__(self) -> None:
        _check("vessel", self.vessel, self.vessel in VESSELS, f"one of {VESSELS}")
        _check("segment", self.segment, self.segment in SEGMENTS, f"one of {SEGMENTS}")
        _check("gap_mm", self.gap_mm, 0.0 <= self.gap_mm <= 2.5, "0 to 2.5 mm")
        in_range = 0.0 <= self.indentation_mm <= 0.8
        _check("indentation_mm", self.indentation_mm, in_range, "0 to 0.8 mm")
        most = MOST_DEVIATION_MM.get(self.segment, 3.0)
        in_range = 0.0 <= self.deviation_mm <= most
        _check("deviation_mm", self.deviation_mm, in_range, f"0 to {most} mm there")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomOptions:
    """Everything that shapes a phantom; equal options give equal bytes.

    Parameters
    ----------
    seed : int
        Of the anatomy, its textures and the noise.
    left, right : Conflict
        What comes near CN VII on each side.
    noise : float
        Standard deviation of each channel, as a fraction of CSF in T2.
    bias : float
        Half range of the coil's smooth shading, as a fraction.
    csf_flow : float
        Depth of the flow shading of CSF, as a fraction.
    t2_voxel_mm, tof_voxel_mm, t1_voxel_mm : tuple of float
        Voxel sizes along left-right, front-back and up-down.
    tilt_deg : tuple of float
        Turns of the head in the scanner about its R, A and S axes.
    t2_obliquity_deg, tof_obliquity_deg : tuple of float
        Turns of the two lattices in the scanner.
    t2_extent_mm, tof_extent_mm : tuple of float
        Field of view along left-right, front-back and up-down.
    motion_mm, motion_deg : tuple of float
        Head motion between T2 and TOF (the T1 shares the T2's pose).
    world_deg, world_mm : tuple of float
        A further rigid motion of the whole world; changes affines, never voxels.
    storage_order : str
        Axis codes of the written volumes; changes order, never voxels.
    point_spread_voxels : float
        Full width at half maximum of the scanner's point spread.
    with_tof, with_t1 : bool
        Which sequences besides the T2.
    """

    seed: int = 1
    left: Conflict = field(default_factory=Conflict)
    right: Conflict = field(default_factory=Conflict)
    noise: float = 0.03
    bias: float = 0.15
    csf_flow: float = 0.06
    t2_voxel_mm: tuple[float, float, float] = (0.5, 0.5, 0.5)
    tof_voxel_mm: tuple[float, float, float] = (0.45, 0.45, 0.6)
    t1_voxel_mm: tuple[float, float, float] = (0.8, 0.8, 0.8)
    tilt_deg: tuple[float, float, float] = (3.0, -2.0, 4.0)
    t2_obliquity_deg: tuple[float, float, float] = (4.0, 0.0, 0.0)
    tof_obliquity_deg: tuple[float, float, float] = (-6.0, 2.0, 0.0)
    t2_extent_mm: tuple[float, float, float] = (180.0, 160.0, 50.0)
    tof_extent_mm: tuple[float, float, float] = (170.0, 150.0, 56.0)
    t1_extent_mm: tuple[float, float, float] = (176.0, 220.0, 180.0)
    motion_mm: tuple[float, float, float] = (0.9, -0.6, 0.7)
    motion_deg: tuple[float, float, float] = (1.0, -0.6, 0.8)
    world_deg: tuple[float, float, float] = (0.0, 0.0, 0.0)
    world_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    storage_order: str = "RAS"
    point_spread_voxels: float = 0.9
    with_tof: bool = True
    with_t1: bool = False

    def __post_init__(self) -> None:
        order = self.storage_order
        _check(
            "storage_order", order, order in STORAGE_ORDERS, "codes such as RAS, PIR"
        )
        _check("seed", self.seed, self.seed >= 0, "0 or more")
        _check("noise", self.noise, 0.0 <= self.noise <= 0.5, "0 to 0.5")
        for name in ("t2_voxel_mm", "tof_voxel_mm", "t1_voxel_mm"):
            size = getattr(self, name)
            _check(name, size, all(0.2 <= edge <= 3.0 for edge in size), "0.2 to 3 mm")

    def conflict(self, side: Side) -> Conflict:
        """Return what was asked for one side."""
        return self.left if side is Side.LEFT else self.right


_AICA_DEFORMS = Conflict(
    vessel="aica", segment="root_detachment", indentation_mm=0.35, deviation_mm=1.0
)
NAMED: dict[str, PhantomOptions] = {
    "demo": PhantomOptions(
        seed=1,
        right=_AICA_DEFORMS,
        left=Conflict(vessel="aica", segment="cisternal", gap_mm=0.8),
        t2_extent_mm=(116.0, 88.0, 32.0),
        tof_extent_mm=(110.0, 82.0, 36.0),
        tof_voxel_mm=(0.5, 0.5, 0.6),
    ),
    "contact": PhantomOptions(
        seed=11,
        right=Conflict(vessel="aica", segment="attached", indentation_mm=0.25),
        left=Conflict(vessel="pica", segment="root_exit"),
    ),
    "near": PhantomOptions(
        seed=12,
        right=Conflict(vessel="aica", segment="transition", gap_mm=0.8),
        left=Conflict(vessel="vein", segment="cisternal", gap_mm=0.7),
    ),
    "clear": PhantomOptions(seed=13),
}
"""The named samples; ``NAME-SEED`` is the same with another seed."""


def options_for(name: str) -> PhantomOptions:
    """Return the options of a named sample.

    Parameters
    ----------
    name : str
        A key of `NAMED`, or ``NAME-SEED`` such as ``"near-42"``.

    Raises
    ------
    InputError
        If there is no such sample.
    """
    match = re.fullmatch(r"([a-z]+)(?:-(\d{1,9}))?", name)
    if match is None or match[1] not in NAMED:
        known = ", ".join(NAMED)
        raise InputError.of(
            "unknown-sample",
            name,
            f"is not a sample; expected one of {known}, or NAME-SEED such as near-42.",
        )
    options = NAMED[match[1]]
    return options if match[2] is None else replace(options, seed=int(match[2]))
