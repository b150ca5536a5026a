"""How bright each tissue is, as a fraction of CSF (T2), an artery (TOF), fat (T1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.model.study import SequenceRole
from nvc.phantom.geometry.shapes import Solid


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """Signal of one tissue in each sequence.

    Parameters
    ----------
    t2, tof, t1 : float
        Signal before shading and noise.
    texture : float
        Depth of the fine mottling, as a fraction.
    """

    t2: float
    tof: float
    t1: float
    texture: float = 0.0

    def signal(self, role: SequenceRole) -> float:
        """Return the signal in one sequence."""
        return {
            SequenceRole.T2: self.t2,
            SequenceRole.TOF: self.tof,
            SequenceRole.T1: self.t1,
        }[role]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One solid, its tissue, and how finely its wall is sampled within a voxel."""

    solid: Solid
    tissue: Tissue
    samples: int = 2


AIR = Tissue(t2=0.0, tof=0.0, t1=0.0)
SKIN = Tissue(t2=0.35, tof=0.40, t1=0.55, texture=0.06)
FAT = Tissue(t2=0.62, tof=0.50, t1=1.0, texture=0.05)
MUSCLE = Tissue(t2=0.22, tof=0.33, t1=0.45, texture=0.10)
BONE = Tissue(t2=0.05, tof=0.08, t1=0.10, texture=0.15)
MARROW = Tissue(t2=0.28, tof=0.30, t1=0.75, texture=0.12)
MUCOSA = Tissue(t2=0.55, tof=0.35, t1=0.45, texture=0.10)
VITREOUS = Tissue(t2=0.95, tof=0.15, t1=0.14)
CSF = Tissue(t2=1.0, tof=0.17, t1=0.13)
DURA = Tissue(t2=0.15, tof=0.35, t1=0.40)
PERILYMPH = Tissue(t2=0.90, tof=0.16, t1=0.14)
GREY = Tissue(t2=0.44, tof=0.36, t1=0.55, texture=0.05)
CORTEX = Tissue(t2=0.40, tof=0.36, t1=0.58, texture=0.05)
"""The cerebellum's: drawn with the fluid between its leaves."""
WHITE = Tissue(t2=0.36, tof=0.37, t1=0.72, texture=0.04)
BRAINSTEM = Tissue(t2=0.38, tof=0.37, t1=0.68, texture=0.05)
NERVE = Tissue(t2=0.38, tof=0.34, t1=0.58)
ARTERY = Tissue(t2=0.03, tof=1.0, t1=0.12)
VEIN = Tissue(t2=0.12, tof=0.38, t1=0.20)


def draw_contrast(rng: np.random.Generator, role: SequenceRole) -> dict[Tissue, float]:
    """Draw factors by which scanners and people differ; brain parts vary together."""
    brain, nerve, vein, artery, bone = rng.uniform(
        [0.85, 0.85, 0.7, 0.5, 0.6], [1.2, 1.15, 2.0, 2.5, 1.6]
    )
    factors = dict.fromkeys((GREY, WHITE, CORTEX, BRAINSTEM), float(brain))
    factors[NERVE] = float(brain * nerve)
    factors[BONE] = float(bone)
    if role is SequenceRole.T2:
        factors[VEIN] = float(vein)
        factors[ARTERY] = float(artery)
    return factors
