"""Checks that every volume passes, whatever format it came in."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid
    from nvc.settings.input import InputSettings

_CHECK_PATH = "Check the path."
_FEW_VALUES = 16
_MANY_LABELS = 256
_FLAT_SHARE = 0.95


def tell_path_kind(path: Path) -> str:
    """Tell what a path leads to without opening it (a pipe would block).

    Returns
    -------
    str
        ``"file"``, ``"folder"``, ``"missing"``, ``"broken link"``, ``"special"``, or
        ``"closed"`` where what it lies in may not be looked into.
    """
    try:
        mode = path.stat().st_mode
    except PermissionError:
        return "closed"
    except OSError:
        return "broken link" if os.path.islink(path) else "missing"
    except ValueError:  # a null byte in the name
        return "missing"
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else "special"


def can_read(path: Path) -> bool:
    """Try to read a regular file; what permissions say is not always what happens."""
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True


def require_readable(path: Path, where: str, *, max_bytes: int) -> int:
    """Return the size of a regular file, in bytes.

    Raises
    ------
    InputError
        If it is not there, not a regular file, not readable, empty or too large.
    """
    kind = tell_path_kind(path)
    if kind == "missing":
        raise InputError.of(
            "not-found", where, "there is no such file or folder.", _CHECK_PATH
        )
    if kind == "broken link":
        raise InputError.of(
            "not-found", where, "is a link that leads nowhere.", _CHECK_PATH
        )
    if kind not in ("file", "closed"):
        raise InputError.of(
            "not-a-file", where, "is not a regular file.", "Give a NIfTI file."
        )
    if kind == "closed" or not can_read(path):
        raise InputError.of(
            "not-readable", where, "may not be read.", "Ask for permission to read it."
        )
    size = path.stat().st_size
    if size == 0:
        raise InputError.of(
            "empty-file", where, "is empty (0 bytes).", "Copy or convert it again."
        )
    if size > max_bytes:
        raise InputError.of(
            "too-large", where, f"has {size} bytes; at most {max_bytes} are read."
        )
    return size


def require_plausible_affine(
    affine: NDArray[np.float64], where: str, settings: InputSettings
) -> None:
    """Refuse lattices that no MRI of a head has.

    Parameters
    ----------
    affine : ndarray, shape (4, 4)
        Voxel indices to mm.

    Raises
    ------
    InputError
        If voxels are implausibly small or large, or axes are sheared.
    """
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    low, high = settings.min_voxel_mm, settings.max_voxel_mm
    if not ((sizes >= low).all() and (sizes <= high).all()):  # NaN fails too
        raise InputError.of(
            "voxel-size",
            where,
            f"voxels are {format_sizes(sizes)} mm; expected {low:g} to {high:g} mm.",
            "Check the unit of length in the header.",
        )
    axes = affine[:3, :3] / sizes
    off_diagonal = np.abs((axes.T @ axes)[np.triu_indices(3, k=1)]).max()
    shear_deg = float(np.degrees(np.arcsin(min(off_diagonal, 1.0))))
    if shear_deg > settings.max_shear_deg:
        raise InputError.of(
            "shear",
            where,
            f"the voxel axes are {shear_deg:.2f} degrees away from right angles.",
            "Distances would be wrong: give the volume as it was acquired.",
        )


def find_slice_warnings(grid: Grid, settings: InputSettings) -> tuple[str, ...]:
    """Return what the size of the voxels means for a measurement."""
    largest = max(grid.voxel_size_mm)
    if largest > settings.max_slice_mm * (1 + settings.voxel_size_tolerance):
        return (
            f"voxels of {format_sizes(grid.voxel_size_mm)} mm: over "
            f"{settings.max_slice_mm:g} mm, too coarse for grading",
        )
    if largest > settings.max_slice_warn_mm * (1 + settings.voxel_size_tolerance):
        return (
            f"voxels of {format_sizes(grid.voxel_size_mm)} mm: over "
            f"{settings.max_slice_warn_mm:g} mm, thin vessels may be missed",
        )
    return ()


def require_image(
    voxels: NDArray[np.float32], where: str, settings: InputSettings
) -> tuple[str, ...]:
    """Refuse arrays that are no picture; repair stray non-finite voxels in place.

    Parameters
    ----------
    voxels : ndarray of float32, shape (I, J, K)
        Writable; NaN and infinities become the smallest finite value.

    Returns
    -------
    tuple of str
        Warnings.

    Raises
    ------
    InputError
        If too many voxels are not finite, or the volume is constant or a label map.
    """
    warnings = _repair_nonfinite(voxels, where, settings)
    low, high = float(voxels.min()), float(voxels.max())
    if low == high:
        raise InputError.of(
            "constant",
            where,
            f"every voxel has the value {low:g}; expected an image.",
        )
    if looks_like_labels(voxels):
        raise InputError.of(
            "label-map",
            where,
            "holds a few flat values, as a label map does; expected MR intensities.",
            "Give a segmentation with --labels.",
        )
    return warnings


def _repair_nonfinite(
    voxels: NDArray[np.float32], where: str, settings: InputSettings
) -> tuple[str, ...]:
    bad = ~np.isfinite(voxels)
    count = int(np.count_nonzero(bad))
    if count == 0:
        return ()
    share = count / voxels.size
    if share > settings.max_nonfinite:
        raise InputError.of(
            "not-finite",
            where,
            f"{share:.1%} of the voxels are not finite numbers; "
            f"at most {settings.max_nonfinite:.1%} may be.",
        )
    voxels[bad] = voxels[~bad].min()
    return (f"{count} voxels were not finite numbers and count as dark",)


def looks_like_labels(voxels: NDArray[np.float32]) -> bool:
    """Tell whether an array, shape (I, J, K), is a label map rather than an image.

    Few distinct values, or whole numbers that mostly equal their neighbour: noise
    makes neighbours differ in every MR image.
    """
    # A coarse look first: sorting every voxel of a large volume takes seconds.
    middle = voxels[tuple(slice(n // 4, n - n // 4, 2) for n in voxels.shape)]
    distinct = np.unique(middle)
    if distinct.size <= _MANY_LABELS:
        distinct = np.unique(voxels)
    if distinct.size > _MANY_LABELS or bool(np.any(distinct != np.rint(distinct))):
        return False
    if distinct.size <= _FEW_VALUES:
        return True
    here, neighbour = voxels[:-1], voxels[1:]
    inside = here != 0
    return bool(inside.any() and np.mean((here == neighbour)[inside]) > _FLAT_SHARE)


def format_sizes(sizes: Iterable[float]) -> str:
    """Return sizes as people write them: ``"0.5 x 0.5 x 0.7"``."""
    return " x ".join(f"{size:.3g}" for size in sizes)
