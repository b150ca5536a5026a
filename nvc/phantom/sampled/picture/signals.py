"""Signals of tissues by the physics of the sequence.

Relaxation times are those at 3 T.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Matter(IntEnum):
    """What a place is made of."""

    AIR = 0
    BONE = 1
    MARROW = 2
    FAT = 3
    MUSCLE = 4
    FLUID = 5
    GREY = 6
    WHITE = 7
    STEM = 8
    NERVE = 9
    PLEXUS = 10
    ARTERY = 11
    VEIN = 12
    ARACHNOID = 13


class Protocol(StrEnum):
    """The kind of cisternography."""

    CISS = "ciss"
    FIESTA = "fiesta"
    SPACE = "space"


MATTER: dict[Matter, tuple[float, float, float]] = {
    Matter.AIR: (0.0, 1000.0, 1.0),
    Matter.BONE: (0.12, 400.0, 0.6),
    Matter.MARROW: (0.45, 586.0, 49.0),
    Matter.FAT: (0.9, 382.0, 68.0),
    Matter.MUSCLE: (0.8, 1412.0, 50.0),
    Matter.FLUID: (1.0, 4163.0, 1790.0),
    Matter.GREY: (0.82, 1820.0, 99.0),
    Matter.WHITE: (0.70, 1084.0, 69.0),
    Matter.STEM: (0.74, 1230.0, 76.0),
    Matter.NERVE: (0.74, 1083.0, 78.0),
    Matter.PLEXUS: (0.88, 1900.0, 180.0),
    Matter.ARTERY: (0.85, 1932.0, 275.0),
    Matter.VEIN: (0.85, 1932.0, 55.0),
    Matter.ARACHNOID: (0.8, 1500.0, 60.0),
}
"""Proton density (CSF is 1), T1 and T2 in ms.

White, grey, blood, muscle and optic nerve: Stanisz 2005. CSF: Lin 2001 and Daoust 2017.
Fat and marrow: de Bazelaire 2004. Venous blood's T2: Zhao 2007. Brainstem between grey
and white; plexus, arachnoid and bone are estimates,
and marrow has as much bone.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Timing of a sequence.

    Parameters
    ----------
    tr_ms, te_ms : float
        Repetition and echo time; the effective echo time of SPACE.
    flip_deg : float
        Flip angle.
    """

    tr_ms: float
    te_ms: float
    flip_deg: float


TIMING = {
    Protocol.CISS: Timing(tr_ms=6.0, te_ms=2.7, flip_deg=50.0),
    Protocol.FIESTA: Timing(tr_ms=5.2, te_ms=2.3, flip_deg=55.0),
    Protocol.SPACE: Timing(tr_ms=1500.0, te_ms=130.0, flip_deg=90.0),
}
TOF = Timing(tr_ms=22.0, te_ms=3.7, flip_deg=18.0)


def balanced(
    matter: tuple[float, float, float], own: Timing, phase_rad: Array | float = np.pi
) -> Array:
    """Return the steady state of balanced SSFP (Freeman and Hill 1971).

    Parameters
    ----------
    matter : tuple of float
        Proton density, T1 and T2 in ms.
    own : Timing
        The timing.
    phase_rad : ndarray or float
        Turn of the spins within a repetition; pi in the middle of a pass band.
    """
    density, t1, t2 = matter
    e1, e2 = np.exp(-own.tr_ms / t1), np.exp(-own.tr_ms / t2)
    sine, cosine = np.sin(np.deg2rad(own.flip_deg)), np.cos(np.deg2rad(own.flip_deg))
    turn = np.cos(np.asarray(phase_rad, dtype=float))
    below = (1.0 - e1 * cosine) * (1.0 - e2 * turn) - e2 * (e1 - cosine) * (e2 - turn)
    signal = (1.0 - e1) * sine * np.sqrt(1.0 + e2 * e2 - 2.0 * e2 * turn) / below
    found: Array = np.asarray(density * signal * np.exp(-own.te_ms / t2))
    return found


def turbo(matter: tuple[float, float, float], own: Timing) -> float:
    """Return the signal of a turbo spin echo with variable flip angles.

    By its effective echo time; a pulse at the end of the train brings half of what is
    left back upright, which lifts fluid most.
    """
    density, t1, t2 = matter
    rest = np.exp(-own.te_ms / t2)
    restored = 0.5 * rest
    grown = 1.0 - (1.0 - restored) * np.exp(-(own.tr_ms - 2.0 * own.te_ms) / t1)
    return float(density * grown * rest)


def spoiled(matter: tuple[float, float, float], own: Timing) -> float:
    """Return the steady state of a spoiled gradient echo (Ernst)."""
    density, t1, t2 = matter
    e1 = np.exp(-own.tr_ms / t1)
    flip = np.deg2rad(own.flip_deg)
    steady = np.sin(flip) * (1.0 - e1) / (1.0 - np.cos(flip) * e1)
    return float(density * steady * np.exp(-own.te_ms / (0.7 * t2)))


def inflow(time_ms: Array, own: Timing = TOF) -> Array:
    """Return blood's signal a time after it came into the slab.

    Every repetition leaves less of the fresh magnetisation (Haacke 1990).
    """
    density, t1, t2 = MATTER[Matter.ARTERY]
    e1 = np.exp(-own.tr_ms / t1)
    flip = np.deg2rad(own.flip_deg)
    steady = (1.0 - e1) / (1.0 - np.cos(flip) * e1)
    left = (e1 * np.cos(flip)) ** (np.asarray(time_ms, dtype=float) / own.tr_ms)
    signal = np.sin(flip) * (steady + (1.0 - steady) * left)
    found: Array = density * signal * np.exp(-own.te_ms / t2)
    return found


def find_t2_levels(protocol: Protocol) -> dict[Matter, float]:
    """Return signals in a cisternography, CSF 1; blood is that of blood at rest."""
    own = TIMING[protocol]

    def signal(matter: Matter) -> float:
        if protocol is Protocol.SPACE:
            return turbo(MATTER[matter], own)
        return float(balanced(MATTER[matter], own))

    fluid = signal(Matter.FLUID)
    return {matter: signal(matter) / fluid for matter in Matter}


def find_tof_levels() -> dict[Matter, float]:
    """Return signals in a TOF, 1 for blood that has just come in."""
    fresh = float(inflow(np.zeros(1))[0])
    return {matter: spoiled(MATTER[matter], TOF) / fresh for matter in Matter}
