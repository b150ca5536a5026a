"""One companion brought to the reference: starts, checks and expected error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.align.edges import compare_edges
from nvc.align.mutual_information import Pair, climb_information, measure_information
from nvc.align.rigid import (
    lattice_centre_mm,
    lattice_to_ras_mm,
    measure_rotation_deg,
)
from nvc.errors import RegistrationError
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.stages import Companion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.study import SequenceRole
    from nvc.settings.align import AlignSettings


def register(
    reference: Volume, moving: Volume, role: SequenceRole, settings: AlignSettings
) -> Companion:
    """Find the rigid motion between a companion and the reference.

    Parameters
    ----------
    reference, moving : Volume
        Both in canonical storage order.
    role : SequenceRole
        Of the companion.
    settings : AlignSettings
        Resolution, sampling and limits.

    Returns
    -------
    Companion
        On its own grid; its data untouched.

    Raises
    ------
    RegistrationError
        With the reason why it must not be used.
    """
    header = np.linalg.inv(lattice_to_ras_mm(moving.grid)) @ lattice_to_ras_mm(
        reference.grid
    )
    centre = lattice_centre_mm(reference.grid)
    coarse = Pair.of(
        reference,
        moving,
        settings.coarse_voxel_mm,
        centre.tolist(),
        settings.coarse_samples,
    )
    start = _start(reference.grid, moving.grid, header, settings)
    rough, fit = _best_of_starts(coarse, start, settings)
    mirrored = _mirrored_motion(coarse, rough, fit, settings)
    fine = Pair.of(
        reference, moving, settings.fine_voxel_mm, centre.tolist(), settings.samples
    )
    found, _ = climb_information(fine, rough, settings, step_mm=settings.fine_voxel_mm)
    if mirrored is not None:
        _refuse_mirrored(fine, mirrored, found, settings)
    _refuse_implausible(reference.grid, moving.grid, header, found, settings)
    residual = _residual_mm(fine, found, settings)
    if residual > settings.max_residual_mm:
        raise RegistrationError(
            f"expected registration error {residual:.1f} mm is over "
            f"{settings.max_residual_mm:g} mm"
        )
    to_moving = lattice_to_ras_mm(moving.grid) @ found
    matrix = to_moving @ np.linalg.inv(lattice_to_ras_mm(reference.grid))
    matrix.flags.writeable = False
    return Companion(
        role=role,
        volume=moving,
        reference_to_companion_mm=matrix,
        residual_mm=residual,
    )


def measure_overlap_mm(
    reference: Grid, moving: Grid, transform: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far both fields of view overlap along the reference's axes.

    Parameters
    ----------
    reference, moving : Grid
        Lattices.
    transform : ndarray, shape (4, 4)
        Reference lattice to companion lattice coordinates, mm.

    Returns
    -------
    ndarray, shape (3,)
        Extent of the common part, mm; zeros where there is none.
    """
    size = (np.array(reference.shape) - 1) * np.array(reference.voxel_size_mm)
    steps = [np.linspace(0.0, length, 25) for length in size]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    moved = transform_points(transform, points)
    limit = (np.array(moving.shape) - 1) * np.array(moving.voxel_size_mm)
    common = points[np.all((moved >= 0) & (moved <= limit), axis=-1)]
    if len(common) == 0:
        return np.zeros(3)
    return np.asarray(np.ptp(common, axis=0), dtype=float)


def _start(
    reference: Grid,
    moving: Grid,
    header: NDArray[np.float64],
    settings: AlignSettings,
) -> NDArray[np.float64]:
    """Return the headers' own alignment; refuse where the fields of view miss."""
    extent = measure_overlap_mm(reference, moving, header)
    if extent.min() < settings.min_overlap_mm:
        raise RegistrationError(
            f"the fields of view overlap by {extent.min():.0f} mm only; at least "
            f"{settings.min_overlap_mm:g} mm are needed"
        )
    return header


def _shifted(start: NDArray[np.float64], shift: list[float]) -> NDArray[np.float64]:
    """Return a map with a shift along the companion's lattice axes added, mm."""
    moved = start.copy()
    moved[:3, 3] += shift
    return moved


def _best_of_starts(
    pair: Pair, header: NDArray[np.float64], settings: AlignSettings
) -> tuple[NDArray[np.float64], float]:
    """Register coarsely from the headers and from the two best shifts of them."""
    steps = (-settings.start_step_mm, settings.start_step_mm)
    shifts = [[s if a == b else 0.0 for b in range(3)] for a in range(3) for s in steps]
    shifted = [_shifted(header, shift) for shift in shifts]
    shifted.sort(key=lambda start: -measure_information(pair, start, settings))
    results = [
        climb_information(pair, start, settings, step_mm=settings.coarse_voxel_mm)
        for start in (header, *shifted[:2])
    ]
    return max(results, key=lambda result: result[1])


def _mirrored_motion(
    pair: Pair, found: NDArray[np.float64], fit: float, settings: AlignSettings
) -> NDArray[np.float64] | None:
    """Return how the mirrored companion fits nearly as well as it is, or None.

    The mirrored companion starts from the found motion; where its head lies off
    the middle of its own field of view, a shift along i makes up for it.
    """
    mirrored = pair.mirrored()
    step = settings.start_step_mm
    shifted = [_shifted(found, [step * n, 0.0, 0.0]) for n in (-4, -2, -1, 0, 1, 2, 4)]
    start = max(
        shifted, key=lambda start: measure_information(mirrored, start, settings)
    )
    try:
        motion, other = climb_information(
            mirrored, start, settings, step_mm=settings.coarse_voxel_mm
        )
    except RegistrationError:
        return None
    return motion if other > fit * settings.mirror_rival_share else None


def _refuse_mirrored(
    pair: Pair,
    motion: NDArray[np.float64],
    found: NDArray[np.float64],
    settings: AlignSettings,
) -> None:
    """Refuse a companion whose edges lie better with left and right exchanged."""
    mirrored = pair.mirrored()
    try:
        motion, _ = climb_information(
            mirrored, motion, settings, step_mm=settings.fine_voxel_mm
        )
    except RegistrationError:
        return
    as_is, exchanged = compare_edges(
        (pair, mirrored), (found, motion), settings.edge_percentile
    )
    if exchanged > as_is:
        raise RegistrationError(
            "it fits the reference better with left and right exchanged; "
            "check the orientation of both files"
        )


def _refuse_implausible(
    reference: Grid,
    moving: Grid,
    header: NDArray[np.float64],
    found: NDArray[np.float64],
    settings: AlignSettings,
) -> None:
    """Refuse a motion larger than a head makes, or one that leaves the overlap."""
    centre = lattice_centre_mm(reference)
    shift = np.linalg.norm(
        transform_points(found, centre) - transform_points(header, centre)
    )
    turn = measure_rotation_deg(found @ np.linalg.inv(header))
    if shift > settings.max_motion_mm or turn > settings.max_rotation_deg:
        raise RegistrationError(
            f"it would have to move by {shift:.0f} mm and {turn:.0f} degrees, which "
            "is more than a head moves between two sequences"
        )
    extent = measure_overlap_mm(reference, moving, found)
    if extent.min() < settings.min_overlap_mm:
        raise RegistrationError(
            f"after registration the fields of view overlap by {extent.min():.0f} mm "
            "only"
        )


def _residual_mm(
    pair: Pair, found: NDArray[np.float64], settings: AlignSettings
) -> float:
    """Return the expected error near the cerebellopontine angles, one sigma.

    The left and the right half of the reference are registered by themselves. Each
    half has twice the variance of the whole and shares half of its data, so that
    its distance from the whole has the variance of the whole.
    """
    width, spacing = pair.fixed.GetSize()[0], pair.fixed.GetSpacing()[0]
    if width * spacing < 2 * settings.half_width_min_mm:
        raise RegistrationError("the reference is too narrow to judge the registration")
    reach = min(settings.cerebellopontine_half_width_mm, width * spacing / 4)
    squares = []
    for seed, sign in ((1, -1), (2, 1)):
        keep = slice(0, width // 2) if sign < 0 else slice(width // 2, width)
        half = replace(pair, fixed=pair.fixed[keep, :, :])
        alone, _ = climb_information(
            half, found, settings, step_mm=settings.fine_voxel_mm, seed=seed
        )
        point = pair.centre + np.array([sign * reach, 0.0, 0.0])
        gap = transform_points(alone, point) - transform_points(found, point)
        squares.append(float(gap @ gap))
    return float(np.sqrt(np.mean(squares)))
