"""How much CSF lies beside a porus and in its canal, and how wide the canal is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.measurement.remarks.side_places import (
    SidePlace,
    span_across,
    turn_to_working_mm,
)
from nvc.sampling import Sampler, crop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import HeadFrame, TissueLevels
    from nvc.numerics import Count, Step
    from nvc.settings import RemarksSettings

STEP_MM: Step[float] = 0.6
"""Of the lattice beside the porus: about one voxel of a cisternography."""
_FINE_MM: Step[float] = 0.4
_WITHIN: Step[int] = 5
"""Steps across which a section's brightest place is looked for, 2 mm."""
_ENCLOSED: Count[int] = 4
"""Sections half a millimetre apart, for a width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanalSpace:
    """What a canal holds.

    Parameters
    ----------
    csf_mm2 : float
        Mean area of CSF in its sections.
    emptiest_mm2 : float
        The same over the stretch that holds least.
    width_mm : float or None
        Of the circle as large as its middle section; None where bone does not
        enclose enough sections.
    """

    csf_mm2: float
    emptiest_mm2: float
    width_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideSpace:
    """What was measured on one side; arrays of both sides match point by point.

    Parameters
    ----------
    csf_ml : float
        CSF medial of the porus.
    is_csf, is_grey : ndarray of bool, shape (I, J, K)
        On the lattice, outwards-anterior-superior of the porus: CSF, and tissue as
        bright as brain.
    covered : float
        Share of the lattice inside the volume.
    canal : CanalSpace or None
        None where the volume does not hold all of it.
    """

    csf_ml: float
    is_csf: NDArray[np.bool_]
    is_grey: NDArray[np.bool_]
    covered: float
    canal: CanalSpace | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Local:
    """The reference about one side, on a scale that shading does not change.

    Parameters
    ----------
    sampler : Sampler
        Over the side.
    head : HeadFrame
        The head's directions.
    side : Side
        Which one.
    levels : TissueLevels
        Of the whole head.
    full : float
        Of the way from brain to CSF that counts as CSF.
    """

    sampler: Sampler
    head: HeadFrame
    side: Side
    levels: TissueLevels
    full: float

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Intensities at outwards-anterior-superior points; NaN outside."""
        values = self.sampler(turn_to_working_mm(self.head, self.side, points))
        return np.asarray(values, dtype=float)

    def csf_share(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how much of a voxel is CSF, from how far it lies from brain."""
        span = self.full * (self.levels.csf - self.levels.brain)
        return np.asarray(np.clip((values - self.levels.brain) / span, 0.0, 1.0))


def measure_space(
    reference: Volume,
    levels: TissueLevels,
    head: HeadFrame,
    side: Side,
    place: SidePlace,
    settings: RemarksSettings,
) -> SideSpace:
    """Measure one side where CSF is bright.

    Parameters
    ----------
    reference : Volume
        A T2.
    levels : TissueLevels
        Of the whole head; the side's own shading is taken from its brightest CSF.
    head : HeadFrame
        The head's directions.
    side : Side
        Which one.
    place : SidePlace
        Its canal.
    settings : RemarksSettings
        How far around the porus is looked.

    Returns
    -------
    SideSpace
        Arrays on a lattice outwards-anterior-superior of the porus.
    """
    reach = settings.cistern_radius_mm
    offsets = build_lattice(reach)
    points = place.porus + offsets
    canal_box = place.fundus + build_lattice(settings.canal_radius_mm)
    box = np.concatenate([points.reshape(-1, 3), canal_box.reshape(-1, 3)])
    sampler = Sampler.over(
        crop(reference, turn_to_working_mm(head, side, box), 1.0), order=1
    )
    local = _Local(
        sampler=sampler, head=head, side=side, levels=levels, full=settings.csf_full
    )
    values = local(points)
    inside = (np.linalg.norm(offsets, axis=-1) <= reach) & (offsets[..., 0] <= 0.0)
    known = np.isfinite(values)
    even = ndimage.gaussian_filter(np.where(known, values, 0.0), 1.0)
    inside_known = inside & known
    if not inside_known.any():
        return _nothing(inside.shape)
    gain = _shading(even[inside_known], levels, settings.shading)
    share = local.csf_share(np.where(known, values, 0.0) / gain)
    even = even / gain
    middle = 0.5 * (levels.csf + levels.brain)
    grey = (even > settings.bone_share_max * levels.brain) & (even < middle)
    return SideSpace(
        csf_ml=float(share[inside].sum()) * STEP_MM**3 / 1000.0,
        is_csf=inside & (even >= middle),
        is_grey=inside & known & grey,
        covered=float(inside_known.sum() / inside.sum()),
        canal=_canal(local, place, gain, settings),
    )


def _shading(
    values: NDArray[np.float64], levels: TissueLevels, within: tuple[float, float]
) -> float:
    """Return how bright CSF is here against the whole head's."""
    rough = float(np.clip(np.percentile(values, 95) / levels.csf, *within))
    fluid = values[values > 0.5 * rough * (levels.csf + levels.brain)]
    if not len(fluid):
        return rough
    return float(np.clip(np.median(fluid) / levels.csf, *within))


def build_lattice(reach_mm: float) -> NDArray[np.float64]:
    """Build the lattice of a cube about its middle.

    Parameters
    ----------
    reach_mm : float
        Half its edge.

    Returns
    -------
    ndarray, shape (I, J, K, 3)
        Offsets from the middle, `STEP_MM` apart, along outwards, anterior, superior.
    """
    steps = round(reach_mm / STEP_MM)
    axis = np.arange(-steps, steps + 1) * STEP_MM
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)


def _nothing(shape: tuple[int, ...]) -> SideSpace:
    empty = np.zeros(shape, dtype=bool)
    return SideSpace(
        csf_ml=0.0,
        is_csf=empty,
        is_grey=empty,
        covered=0.0,
        canal=None,
    )


def _canal(
    local: _Local, place: SidePlace, gain: float, settings: RemarksSettings
) -> CanalSpace | None:
    """Measure a canal; None where the volume does not hold all of it."""
    steps = round(settings.canal_radius_mm / _FINE_MM)
    axis = np.arange(-steps, steps + 1) * _FINE_MM
    a, b = np.meshgrid(axis, axis, indexing="ij")
    first, second = span_across(place.outwards)
    across = a[..., None] * first + b[..., None] * second
    length = float(np.linalg.norm(place.fundus - place.porus))
    ends = settings.canal_ends_mm
    along = np.arange(ends, length - 0.5 * ends + 1e-9, 0.5)
    at = place.porus + along[:, None, None, None] * place.outwards + across
    values = local(at) / gain
    if not len(along) or not np.isfinite(values).all():
        return None
    share = local.csf_share(values)
    reach = settings.canal_mirrored_mm if place.is_mirrored else 0.0
    shifts = np.hypot(a, b) <= reach + 1e-9
    discs = [
        np.hypot(a - u, b - v) <= settings.canal_covered_mm
        for u, v in zip(a[shifts], b[shifts], strict=True)
    ]
    sections = np.array([share[:, disc].sum(axis=1) for disc in discs])
    fluid = sections[int(np.argmax(sections.mean(axis=1)))] * _FINE_MM**2
    held = min(round(settings.canal_filled_mm / 0.5), len(fluid))
    emptiest = np.convolve(fluid, np.ones(held) / held, mode="valid").min()
    widths = [
        _width(section, np.hypot(a, b), local.levels, settings) for section in values
    ]
    enclosed = [width for width in widths if width is not None]
    width = float(np.median(enclosed)) if len(enclosed) >= _ENCLOSED else None
    return CanalSpace(
        csf_mm2=float(fluid.mean()), emptiest_mm2=float(emptiest), width_mm=width
    )


def _width(
    values: NDArray[np.float64],
    disc: NDArray[np.float64],
    levels: TissueLevels,
    settings: RemarksSettings,
) -> float | None:
    """Return the width of one section between bone; None where it is open or shut."""
    even = ndimage.gaussian_filter(values, 0.7)
    # Half of what lies within: so both CSF and tissue end where bone begins.
    half = 0.5 * np.minimum(ndimage.maximum_filter(even, _WITHIN), levels.csf)
    room = even > np.maximum(half, settings.bone_share_max * levels.brain)
    room = ndimage.binary_fill_holes(room)
    section = _section(
        room & (disc <= disc[0, disc.shape[1] // 2]), disc, settings.canal_axis_mm
    )
    rim = disc > disc[0, disc.shape[1] // 2] - 0.5
    if not section.any() or (section & rim).any():
        return None
    return 2.0 * float(np.sqrt(section.sum() * _FINE_MM**2 / np.pi))


def _section(
    room: NDArray[np.bool_], disc: NDArray[np.float64], within_mm: float
) -> NDArray[np.bool_]:
    """Return the patch that lies on the axis; empty where none does."""
    labels, _ = ndimage.label(room)
    near = labels[(disc < within_mm) & room]
    if not len(near):
        return np.zeros_like(room)
    return np.asarray(labels == np.bincount(near).argmax())
