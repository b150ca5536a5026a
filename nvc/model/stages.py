"""What each stage hands to the next: frozen values.

Study -> `Aligned` -> `Regions` -> `Segmentation` -> `Measurement` -> `Report`.

The stages `regions`, `segment` and `measurement` get these values, and return theirs,
in mm of the working frame; everyone else has them in RAS mm of the reference volume
(`nvc.model.frame`). So "RAS mm" in names and texts here, such as `Grid.to_ras_mm`, is
the working frame inside those stages. Types from `nvc.model.space` say which fields
differ between the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from nvc.model.anatomy import Side, VesselKind
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.space import Directions, Place, Places, Scalars, Sections
from nvc.model.study import SequenceRole


class Origin(StrEnum):
    """Who placed a landmark or drew a label."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Companion:
    """A further sequence, kept on its own grid and sampled through its transform.

    Parameters
    ----------
    role : SequenceRole
        TOF, or T1 where the reference is a T2.
    volume : Volume
        Canonical storage order, its own world.
    reference_to_companion_mm : ndarray, shape (4, 4)
        Rigid; maps RAS mm of the reference to RAS mm of this volume.
    residual_mm : float
        Expected registration error near the cerebellopontine angle, one sigma.
    """

    role: SequenceRole
    volume: Volume
    reference_to_companion_mm: NDArray[np.float64]
    residual_mm: float

    @property
    def grid_in_reference(self) -> Grid:
        """The companion's lattice expressed in the reference's world."""
        to_reference = np.linalg.inv(self.reference_to_companion_mm)
        return Grid(
            shape=self.volume.grid.shape,
            voxel_to_ras_mm=to_reference @ self.volume.grid.voxel_to_ras_mm,
        )

    def to_companion_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map reference RAS mm, shape (..., 3), to the companion's own RAS mm."""
        return transform_points(self.reference_to_companion_mm, points_mm)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aligned:
    """The reference volume and what was brought to it.

    Parameters
    ----------
    reference : Volume
        Canonical (closest to RAS) storage order; true RAS mm world.
    reference_role : SequenceRole
        T2 or T1.
    companions : mapping of SequenceRole to Companion
        Only those whose registration was accepted.
    reasons : tuple of str
        What limits every side (for example "TOF refused: residual 2.1 mm").
    """

    reference: Volume
    reference_role: SequenceRole
    companions: Mapping[SequenceRole, Companion] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def csf_is_bright(self) -> bool:
        """The polarity of the reference: CSF bright in T2, dark in T1."""
        return self.reference_role is SequenceRole.T2


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueLevels:
    """Intensities that turn a scan into a scale: brain 0, CSF 1.

    Parameters
    ----------
    csf, brain : float
        Typical intensity of cisternal CSF and of pons / white matter.
    noise : float
        Standard deviation of the noise in the same units.
    bone : float or None
        Typical intensity of dense bone, which a flow void shares; None where bone
        is not told from CSF (T1).
    """

    csf: float
    brain: float
    noise: float
    bone: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadFrame:
    """The head's own directions, found in the image.

    Parameters
    ----------
    origin_mm : ndarray, shape (3,)
        A point on the mid-sagittal plane at the height of the canals, mm.
    axes : ndarray, shape (3, 3)
        Columns: unit vectors to the patient's right, anterior and superior.
    """

    origin_mm: Place
    axes: Directions

    def to_head(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates (right, anterior, superior) from the origin, mm."""
        return (np.asarray(points_mm, dtype=float) - self.origin_mm) @ self.axes

    def to_ras_mm(self, head_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inverse of `to_head`: into the frame that this value is in."""
        return np.asarray(head_mm, dtype=float) @ self.axes.T + self.origin_mm


LANDMARK_NAMES = ("root_exit_point_mm", "root_detachment_mm", "porus_mm", "fundus_mm")
"""Fields of `SideLandmarks`, from the brainstem outwards."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideLandmarks:
    """Landmarks of one side, mm, each of shape (3,) or None where not found."""

    root_exit_point_mm: Place | None = None
    root_detachment_mm: Place | None = None
    porus_mm: Place | None = None
    fundus_mm: Place | None = None
    source: Origin = Origin.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideRegion:
    """Where to look on one side.

    Parameters
    ----------
    landmarks : SideLandmarks
        At this stage the root points are seeds (within some 6 mm); the porus and
        fundus are as measured in a T2, or seeds in a T1.
    evaluable : bool
        Whether the nerve can be looked for at all.
    reasons : tuple of str
        Why not, or what limits it.
    position_sd_mm : float
        How far the seeds may be off, one sigma per axis.
    """

    landmarks: SideLandmarks
    evaluable: bool = True
    reasons: tuple[str, ...] = ()
    position_sd_mm: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regions:
    """Head pose, tissue levels and the places to look, both sides."""

    head: HeadFrame | None
    levels: TissueLevels | None
    sides: Mapping[Side, SideRegion]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tube:
    """A centreline with a wall: a nerve or a vessel.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Ordered; nerves from the brainstem outwards. mm.
    radius_mm : ndarray, shape (N,)
        Of the circle of equal area.
    position_sd_mm : ndarray, shape (N,)
        Uncertainty of the centre across the course, one sigma.
    section_mm2 : ndarray, shape (N, 3, 3), or None
        Elliptical sections S: the wall lies at offsets d across the course with
        d' S^-1 d = 1. None where the tube is round.
    """

    points_mm: Places
    radius_mm: Scalars
    position_sd_mm: Scalars
    section_mm2: Sections | None = None

    def arc_length_mm(self) -> NDArray[np.float64]:
        """Length along the course from its first point, shape (N,)."""
        steps = np.linalg.norm(np.diff(self.points_mm, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def part(self, keep: slice | NDArray[np.bool_]) -> Tube:
        """Return the given points of the course, a slice or a mask of shape (N,)."""
        section = self.section_mm2
        return Tube(
            points_mm=self.points_mm[keep],
            radius_mm=self.radius_mm[keep],
            position_sd_mm=self.position_sd_mm[keep],
            section_mm2=None if section is None else section[keep],
        )

    def reach_mm(self) -> NDArray[np.float64]:
        """Farthest that the wall is from each centre, shape (N,)."""
        if self.section_mm2 is None:
            return self.radius_mm
        return np.asarray(np.sqrt(np.linalg.eigvalsh(self.section_mm2)[:, -1]))

    def wall_mm(
        self, at: NDArray[np.intp], towards_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return how far the wall is from the centre.

        Parameters
        ----------
        at : ndarray of int, shape (...)
            Indices of centres.
        towards_mm : ndarray, shape (..., 3)
            In which direction, across the course; any length.

        Returns
        -------
        ndarray, shape (...)
            The radius, or that of the elliptical section in this direction, mm.
        """
        if self.section_mm2 is None:
            return np.asarray(self.radius_mm[at], dtype=float)
        size = np.linalg.norm(towards_mm, axis=-1, keepdims=True)
        unit = towards_mm / np.maximum(size, 1e-9)
        inverse = np.linalg.inv(self.section_mm2)[at]
        square = np.einsum("...i,...ij,...j->...", unit, inverse, unit)
        return np.asarray(1.0 / np.sqrt(np.maximum(square, 1e-9)), dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vessel:
    """One vessel branch.

    Parameters
    ----------
    tube : Tube
        Course and calibre, mm.
    kind : VesselKind
        Artery where the TOF shows flow; else vein or unknown.
    seen_in : SequenceRole
        The sequence the tube was measured in.
    confidence : float
        0 to 1: that this is a vessel at all.
    name : str or None
        ``"BA"``, ``"VA"``, ``"AICA-like"`` ... where the tree allows it.
    name_confidence : float or None
        0 to 1: that the name is right (`nvc.segment.arteries.name_certainty`); None
        without a name.
    ends_stand : bool
        A reader saw where it was joined to others, and drew it so: where it ends it
        is not to be joined again.
    """

    tube: Tube
    kind: VesselKind
    seen_in: SequenceRole
    confidence: float
    name: str | None = None
    name_confidence: float | None = None
    ends_stand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideNerves:
    """CN VII and CN VIII of one side; None where not found (see `reasons`).

    Parameters
    ----------
    facial, vestibulocochlear : Tube or None
        From the brainstem outwards, mm.
    landmarks : SideLandmarks
        That follow from the nerves.
    confidence : float
        How far CN VII stands out, 0 to 1.
    reasons : tuple of str
        What is not known, in words.
    exit_within_mm : float
        Arc length along CN VII, from its first point, within which the root exit may
        lie (95 %): from there on the nerve is seen. 0 where nothing was weighed.
    before_exit_mm : ndarray, shape (N, K, 3), or None
        N equally likely ways that CN VII may go on before its first point, from there;
        NaN beyond the end of each. None where nothing was weighed, as in labels.
    """

    facial: Tube | None
    vestibulocochlear: Tube | None
    landmarks: SideLandmarks
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()
    exit_within_mm: float = 0.0
    before_exit_mm: Places | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segmentation:
    """Nerves, vessels and brainstem.

    Parameters
    ----------
    sides : mapping of Side to SideNerves
        Nerves with the landmarks that follow from them.
    vessels : tuple of Vessel
        All that come into the searched regions, both sides.
    brainstem : Volume or None
        uint8 mask on the reference's canonical grid, pons with its neighbours.
    labels : Volume or None
        A label volume made elsewhere (`nvc.model.anatomy.Structure` values), where
        the user gave one; uint8, canonical order.
    vessels_assessed : mapping of Side to bool
        False where vessels cannot be judged (for example T1 alone): no vessel found
        then means "not assessed", never "clear".
    vessel_free_mm : mapping of Side to float
        How far from CN VII's wall a thin vessel would have shown and none did; 0, or
        no entry, where that is not known.
    """

    sides: Mapping[Side, SideNerves]
    vessels: tuple[Vessel, ...] = ()
    brainstem: Volume | None = None
    labels: Volume | None = None
    vessels_assessed: Mapping[Side, bool] = field(default_factory=dict)
    vessel_free_mm: Mapping[Side, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
