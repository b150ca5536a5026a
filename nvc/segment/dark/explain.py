"""What a dark strand may be, and how well each explains it.

Four explanations compete: a vessel, a nerve, texture (folia, flocculus, choroid plexus)
and the edge of bone or dura. Each says which level, length, surroundings and way past
CN VII are to be expected; what a strand shows weighs them against each other, all four
taken to be equally likely beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp, ndtr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nvc.segment.dark.encounter import NerveEncounter
    from nvc.segment.dark.strands import Strand
    from nvc.settings.groups.strands import StrandsSettings


class Kind(StrEnum):
    """What a dark strand may be."""

    VESSEL = "vessel"
    NERVE = "nerve"
    TEXTURE = "texture"
    EDGE = "edge"

    @property
    def described(self) -> str:
        """As said to a reader."""
        return {
            Kind.VESSEL: "a vessel",
            Kind.NERVE: "a nerve",
            Kind.TEXTURE: "a fold of brain or choroid plexus",
            Kind.EDGE: "the edge of bone or dura",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """How tissues look in one image, brain 0 and CSF 1.

    Parameters
    ----------
    void : float
        Level of bone and of flow voids.
    nerve : float
        Level of the nerves that are known.
    """

    void: float
    nerve: float = 0.0


def explain(
    strand: Strand, appearance: Appearance, settings: StrandsSettings
) -> dict[Kind, float]:
    """Return the log evidence of each explanation of a strand.

    Parameters
    ----------
    strand : Strand
        As it shows.
    appearance : Appearance
        Of this image.
    settings : StrandsSettings
        What each explanation makes expect.
    """
    long, short = settings.vessel_widths, settings.texture_widths
    freely = _way_of_other(strand.encounter, settings)
    way = dict.fromkeys(Kind, freely)
    way[Kind.NERVE] = _way_of_nerve(strand.encounter, settings)
    around = _surroundings(strand, settings)
    level = _levels(strand, appearance, settings)
    return {
        kind: level[kind]
        + _length(strand, short if kind is Kind.TEXTURE else long)
        + around[kind]
        + way[kind]
        for kind in Kind
    }


def weigh_vessel(evidence: Mapping[Kind, float]) -> float:
    """Return the log odds of a vessel against all else."""
    others = [value for kind, value in evidence.items() if kind is not Kind.VESSEL]
    return float(evidence[Kind.VESSEL] - logsumexp(others))


def name_rival(evidence: Mapping[Kind, float]) -> Kind:
    """Return what explains a strand best, but for a vessel."""
    return max((k for k in Kind if k is not Kind.VESSEL), key=evidence.__getitem__)


def _levels(
    strand: Strand, appearance: Appearance, settings: StrandsSettings
) -> dict[Kind, float]:
    """Log density of the level that a strand shows, by each explanation."""
    # Where the nerves come out darker than brain, as by a point spread taken too wide,
    # all that is thin does.
    contrast = max(1.0 - appearance.nerve, 1.0)
    lumen, error = 1.0 - (1.0 - strand.lumen) / contrast, strand.error / contrast
    nerve = max(appearance.nerve, 0.0)
    limit = settings.void_from * appearance.void
    darkest = settings.void_reach * appearance.void

    def even(low: float, high: float, sd: float = 0.0) -> float:
        """Density of a level that may lie anywhere in a range."""
        scatter = np.hypot(error, sd)
        below, above = (ndtr((bound - lumen) / scatter) for bound in (low, high))
        # A level beyond all ranges is as odd by any explanation.
        return float(max((above - below) / (high - low), 1e-9))

    slow, odd = settings.slow_share, settings.odd_share
    density = {
        Kind.VESSEL: (1.0 - slow) * even(darkest, limit)
        + slow * even(limit, settings.slow_to),
        Kind.NERVE: even(nerve, nerve + settings.bundle_to, settings.nerve_sd),
        Kind.TEXTURE: even(0.0, settings.texture_to),
        Kind.EDGE: even(darkest, settings.texture_to),
    }
    anything = odd * even(settings.odd_reach * appearance.void, 1.0)
    return {
        kind: float(np.log((1.0 - odd) * value + anything))
        for kind, value in density.items()
    }


def _surroundings(strand: Strand, settings: StrandsSettings) -> dict[Kind, float]:
    """Log density of what lies around a strand, by each explanation.

    What lies in the open is closed in a little where it touches something, and by bone
    hardly ever (halves of Gaussians). An edge has fluid on one side (a whole one), and
    on the other bone, or what is as grey as brain.
    """
    sd = settings.closed_share, settings.bone_share, settings.edge_fluid_sd
    closed, bone = (1.0 - strand.fluid) / sd[0], strand.bone / sd[1]
    beside = (strand.fluid - settings.edge_fluid) / sd[2]
    # But for what all densities of shares have in common.
    no_bone = 2.0 / np.sqrt(2.0 * np.pi) / sd[1] * np.exp(-0.5 * bone**2)
    is_bone = settings.edges_of_bone / settings.edge_bone_to
    of_edge = is_bone + (1.0 - settings.edges_of_bone) * no_bone
    half = -0.5 * closed**2 - np.log(0.5 * sd[0]) + np.log(no_bone + 1e-9)
    density = dict.fromkeys(Kind, float(half))
    density[Kind.EDGE] = float(-0.5 * beside**2 - np.log(sd[2]) + np.log(of_edge))
    return density


def _length(strand: Strand, widths: float) -> float:
    """Log density of a length whose mean is so many widths."""
    return -strand.widths / widths - float(np.log(widths))


def _way_of_other(near: NerveEncounter, settings: StrandsSettings) -> float:
    """Log density of a way past CN VII that heeds no nerve: of any direction."""
    passing = _chance_of_end(near, settings.passing_other, settings)
    return float(np.log(np.sin(near.angle_rad) + 1e-3) + np.log(passing))


def _chance_of_end(
    near: NerveEncounter, passing: float, settings: StrandsSettings
) -> float:
    """Chance to pass CN VII, or not, as it does, where a share of `passing` does."""
    return passing if near.beyond_mm > settings.passing_mm else 1.0 - passing


def _way_of_nerve(near: NerveEncounter, settings: StrandsSettings) -> float:
    """Log density of a nerve's way past CN VII.

    What runs beside CN VII begins where it does and runs along it, but for the roots of
    CN IX beside its own, which run as they like. Farther off come others, from
    anywhere: there is room for them as the square of the distance.
    """
    others = float(np.clip(near.gap_mm / settings.beside_mm, 0.0, 1.0)) ** 2
    freely = float(np.sin(near.angle_rad)) + 1e-3
    spread = np.radians(settings.parallel_deg)
    # Of two directions that scatter about an axis (Rayleigh).
    along = near.angle_rad / spread**2 * np.exp(-0.5 * (near.angle_rad / spread) ** 2)
    is_at_roots = near.from_exit_mm <= settings.ninth_roots_mm
    if is_at_roots and near.gap_mm > settings.roots_apart_mm:
        along = freely
    passing = _chance_of_end(near, settings.passing_nerve, settings)
    anywhere = np.exp(_way_of_other(near, settings))
    return float(np.log((1.0 - others) * (along + 1e-3) * passing + others * anywhere))
