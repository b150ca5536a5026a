"""How far the head nods, from the brainstem and from the petrous bones.

Symmetry tells the head's right, not its nod. Two things that stand along one another
tell it: the long axis of the brainstem, found with the brainstem of a template head,
and the line in which the two petrous faces would meet. In the template both lean
19 degrees; they err independently, one on brain and one on bone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, optimize

from nvc.sampling import crop, sample_array
from nvc.settings.anatomy import MNI_BRAINSTEM, MNI_BRAINSTEM_AXIS, MNI_PORUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import HeadFrame
    from nvc.numerics import Layout, Step
    from nvc.regions.head.levels import Contrast
    from nvc.regions.t2.porus import BoneFace
    from nvc.settings.groups.regions import StemSettings
    from nvc.settings.regions import RegionsSettings

_STEP_MM: Step[float] = 2.0
_BETWEEN_CANALS: Layout[NDArray[np.float64]] = np.array([0.0, *MNI_PORUS[1:]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One estimate of the nod.

    Parameters
    ----------
    degrees : float
        Turn of a frame about its right axis that makes it the head's own; positive
        lifts the face.
    sd_deg : float
        Its error, one sigma: the spread between heads and its own.
    """

    degrees: float
    sd_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nod:
    """What all cues say together.

    Parameters
    ----------
    degrees, sd_deg : float
        As of a `Cue`.
    doubt : str or None
        Why it must not be used; None where the cues agree.
    """

    degrees: float
    sd_deg: float
    doubt: str | None = None


def find_nod(
    coarse: Volume,
    head: HeadFrame,
    contrast: Mapping[Side, Contrast],
    faces: Mapping[Side, BoneFace],
    template: Volume,
    settings: RegionsSettings,
) -> Nod:
    """Find the nod of the head relative to a frame, and whether its cues agree.

    Parameters
    ----------
    coarse : Volume
        Reference at about 1 mm, CSF bright.
    head : HeadFrame
        Right axis and origin of the head; its nod is that of the grid.
    contrast : mapping of Side to Contrast
        Levels of both sides.
    faces : mapping of Side to BoneFace
        Petrous faces that were found.
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain.
    settings : RegionsSettings
        Errors of the cues and how far they may differ.
    """
    stem = find_brainstem_cue(coarse, head, contrast, template, settings)
    petrous = find_petrous_cue(head, faces, settings)
    known = [cue for cue in (stem, petrous) if cue is not None]
    if len(known) < 2:
        # A head lies in the coil, and a slab on the head, about straight.
        known.append(Cue(degrees=0.0, sd_deg=settings.grid_nod_sd_deg))
    return combine_cues(known, settings)


def combine_cues(cues: list[Cue], settings: RegionsSettings) -> Nod:
    """Average one or more independent cues by their errors."""
    weight = np.array([1 / cue.sd_deg**2 for cue in cues])
    turns = np.array([cue.degrees for cue in cues])
    apart = float(np.ptp(turns))
    limit = settings.nod_sigmas * float(np.hypot.reduce([cue.sd_deg for cue in cues]))
    doubt = None
    if apart > limit:
        doubt = (
            f"two cues for the head's nod differ by {apart:.0f} degrees "
            f"(limit {limit:.0f})"
        )
    return Nod(
        degrees=float(weight @ turns / weight.sum()),
        sd_deg=float(weight.sum() ** -0.5),
        doubt=doubt,
    )


def find_petrous_cue(
    head: HeadFrame, faces: Mapping[Side, BoneFace], settings: RegionsSettings
) -> Cue | None:
    """Return the lean of the line in which both petrous faces would meet.

    None unless both faces are known and stand across one another.
    """
    if len(faces) < 2:
        return None
    one, other = (face.normal for face in faces.values())
    upright = head.axes.T @ np.cross(one, other)
    upright = upright * np.sign(upright[2])
    if np.linalg.norm(upright) < 0.5 or upright[2] < 0.5 * np.linalg.norm(upright):
        return None
    lean = float(np.degrees(np.arctan2(-upright[1], upright[2])))
    return Cue(degrees=lean, sd_deg=settings.petrous_nod_sd_deg)


def find_brainstem_cue(
    coarse: Volume,
    head: HeadFrame,
    contrast: Mapping[Side, Contrast],
    template: Volume,
    settings: RegionsSettings,
) -> Cue | None:
    """Lay the template's brainstem into the picture by a turn and two shifts.

    None where the picture is not like the template anywhere.
    """
    stem = settings.stem
    strip = _strip(template, stem)
    match = _Match.of(coarse, head, contrast, stem.template_seen_min)
    turns, shifts = (
        np.arange(first, last + step / 2, step)
        for first, last, step in (stem.template_turns_deg, stem.template_shifts_mm)
    )
    few = strip.every(4)
    starts = [
        np.array([turn, forward, up])
        for turn in turns
        for forward in shifts
        for up in shifts
    ]
    start = max(starts, key=lambda place: match.likeness(few, place))
    whole = match.climb(strip, start)
    if match.likeness(strip, whole) < settings.brainstem_likeness_min:
        return None
    # Each half has twice the variance of the whole.
    halves = [match.climb(half, whole)[0] for half in strip.halves()]
    own = abs(halves[0] - halves[1]) / 2
    lean = np.degrees(np.arctan2(MNI_BRAINSTEM_AXIS[1], MNI_BRAINSTEM_AXIS[2]))
    return Cue(
        degrees=float(whole[0] - lean),
        sd_deg=float(np.hypot(settings.brainstem_nod_sd_deg, own)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Strip:
    """The template about its mid-sagittal plane, as a T2 would show it.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        MNI mm from the middle between the canals.
    bright : ndarray, shape (N,)
        0 bone, 1 CSF.
    """

    points_mm: NDArray[np.float64]
    bright: NDArray[np.float64]

    def every(self, step: int) -> _Strip:
        return _Strip(points_mm=self.points_mm[::step], bright=self.bright[::step])

    def halves(self) -> tuple[_Strip, _Strip]:
        """Return the left and the right half."""
        left = self.points_mm[:, 0] < 0
        one, other = (
            _Strip(points_mm=self.points_mm[half], bright=self.bright[half])
            for half in (left, ~left)
        )
        return one, other


@lru_cache(maxsize=1)
def _strip(template: Volume, settings: StemSettings) -> _Strip:
    ends = np.array(MNI_BRAINSTEM)
    part = crop(template, ends, 8.0)
    voxels = np.asarray(part.voxels, dtype=float)
    depth = ndimage.distance_transform_edt(voxels == 0)
    bright = np.interp(voxels, settings.template_t1, settings.template_t2)
    bright[voxels == 0] = depth[voxels == 0] <= 2.0
    bright = ndimage.gaussian_filter(bright, 0.8)
    axes = [
        np.arange(low, high + 0.1, _STEP_MM) for low, high in zip(*ends, strict=True)
    ]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    index = tuple(np.rint(part.grid.to_voxel(points)).astype(int).T)
    near = depth[index] <= settings.template_rim_mm
    return _Strip(points_mm=points[near] - _BETWEEN_CANALS, bright=bright[index][near])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Match:
    """Compares the picture with the template laid into it.

    Parameters
    ----------
    picture : ndarray, shape (I, J, K)
        Bone 0, CSF 1; a box about the middle between the canals.
    to_voxel, origin : ndarray, shapes (3, 3) and (3,)
        From head coordinates to voxels of the picture.
    seen_min : float
        Part of a strip that must lie in the picture.
    """

    picture: NDArray[np.float32]
    to_voxel: NDArray[np.float64]
    origin: NDArray[np.float64]
    seen_min: float

    @classmethod
    def of(
        cls,
        coarse: Volume,
        head: HeadFrame,
        contrast: Mapping[Side, Contrast],
        seen_min: float,
    ) -> _Match:
        """Cut the head's middle from the coarse volume, on the scale of the match."""
        part = crop(coarse, head.origin_mm[None], 75.0)
        levels = list(contrast.values())
        bone = np.mean([level.bone for level in levels])
        csf = np.mean([level.csf for level in levels])
        bright = (np.asarray(part.voxels, dtype=np.float32) - bone) / (csf - bone)
        size = np.array(part.grid.voxel_size_mm)
        return cls(
            picture=ndimage.gaussian_filter(np.clip(bright, -0.2, 1.1), 0.8 / size),
            to_voxel=part.grid.ras_mm_to_voxel[:3, :3] @ head.axes,
            origin=part.grid.to_voxel(head.origin_mm),
            seen_min=seen_min,
        )

    def likeness(self, strip: _Strip, place: NDArray[np.float64]) -> float:
        """Return the correlation at a turn (degrees) and two shifts (mm).

        `place` has shape (3,): degrees, mm forward, mm up. -1 where too little of
        the strip lies in the picture.
        """
        angle = np.deg2rad(place[0])
        turn = np.array(
            [
                [1.0, 0.0, 0.0],
                [0.0, np.cos(angle), -np.sin(angle)],
                [0.0, np.sin(angle), np.cos(angle)],
            ]
        )
        shift = self.to_voxel @ np.array([0.0, place[1], place[2]]) + self.origin
        voxels = (self.to_voxel @ turn @ strip.points_mm.T) + shift[:, None]
        limit = np.array(self.picture.shape)[:, None] - 1
        inside = np.all((voxels >= 0) & (voxels <= limit), axis=0)
        if inside.mean() < self.seen_min:
            return -1.0
        seen = sample_array(self.picture, voxels[:, inside])
        if float(seen.std()) == 0.0:
            return -1.0
        return float(np.corrcoef(seen, strip.bright[inside])[0, 1])

    def climb(self, strip: _Strip, start: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the best place near a start, both as in `likeness`."""
        steps = np.array([[0, 0, 0], [5.0, 0, 0], [0, 3.0, 0], [0, 0, 3.0]])
        result = optimize.minimize(
            lambda place: -self.likeness(strip, place),
            start,
            method="Nelder-Mead",
            options={
                "initial_simplex": start + steps,
                "xatol": 0.1,
                "fatol": 1e-4,
                "maxfev": 120,
            },
        )
        return np.asarray(result.x, dtype=float)
