"""Speed and accuracy of the tube filter against SimpleITK and scikit-image.

Run ``python benchmarks/vesselness.py``. All engines see the same synthetic region
in the same run, each on one thread where it can be told so, and their CPU seconds
are printed as a ratio to the project's own filter.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numba
import numpy as np
import SimpleITK as sitk
from scipy import ndimage
from skimage.filters import sato
from sklearn.metrics import average_precision_score

from nvc.tubes.vesselness import respond_to_tubes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHAPE = (200, 150, 83)
VOXEL_MM = (0.4, 0.4, 0.6)
SCALES_MM = (0.4, 0.58, 0.85, 1.24, 1.8)
TUBES = 18
NOISE = 0.06


THIN_MM = 0.7
"""Radius below which a tube is thin."""


def region(
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return bright curved tubes of radius 0.35 to 1.8 mm in noise.

    And the share of every voxel that lies in any of them, and in a thin one.
    """
    rng = np.random.default_rng(seed)
    lattice = np.indices(SHAPE).reshape(3, -1).T * np.array(VOXEL_MM)
    extent = np.array(SHAPE) * np.array(VOXEL_MM)
    inside = np.zeros(len(lattice), dtype=np.float32)
    thin = np.zeros(len(lattice), dtype=np.float32)
    for tube in range(TUBES):
        ends = rng.uniform(0.1, 0.9, (3, 3)) * extent
        t = np.linspace(0.0, 1.0, 160)[:, None]
        course = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * ends[1] + t**2 * ends[2]
        radius = 0.35 if tube % 2 else rng.uniform(0.4, 1.8)
        low, high = course.min(axis=0) - 3.0, course.max(axis=0) + 3.0
        near = np.flatnonzero(np.all((lattice > low) & (lattice < high), axis=1))
        gap = np.full(len(near), np.inf)
        for point in course:
            np.minimum(gap, np.linalg.norm(lattice[near] - point, axis=1), out=gap)
        share = np.clip(0.5 + (radius - gap) / 0.4, 0.0, 1.0)
        for part in (inside, thin) if radius < THIN_MM else (inside,):
            part[near] = np.maximum(part[near], share)
    truth = inside.reshape(SHAPE)
    blurred = ndimage.gaussian_filter(truth, [0.42, 0.42, 0.42])
    noisy = blurred + rng.normal(0.0, NOISE, SHAPE)
    return noisy.astype(np.float32), truth, thin.reshape(SHAPE)


def _ours(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return respond_to_tubes(image, VOXEL_MM, SCALES_MM).strength


def _simpleitk(image: NDArray[np.float32]) -> NDArray[np.float32]:
    picture = sitk.GetImageFromArray(np.ascontiguousarray(image.T))
    picture.SetSpacing(VOXEL_MM)
    best = np.zeros(image.shape, dtype=np.float32)
    for sigma in SCALES_MM:
        smooth = sitk.SmoothingRecursiveGaussian(picture, sigma)
        found = sitk.ObjectnessMeasure(
            smooth, objectDimension=1, brightObject=True, alpha=0.5, beta=0.5, gamma=5.0
        )
        np.maximum(best, sitk.GetArrayFromImage(found).T, out=best)
    return best


def _skimage(image: NDArray[np.float32]) -> NDArray[np.float32]:
    # scikit-image knows only cubic voxels: scales are given in in-plane voxels.
    sigmas = [sigma / VOXEL_MM[0] for sigma in SCALES_MM]
    return np.asarray(sato(image, sigmas=sigmas, black_ridges=False), dtype=np.float32)


ENGINES: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "nvc respond_to_tubes": _ours,
    "SimpleITK ObjectnessMeasure": _simpleitk,
    "skimage sato": _skimage,
}


def _precision(
    found: NDArray[np.float32],
    every: NDArray[np.float32],
    asked: NDArray[np.float32],
) -> float:
    """Average precision for some of the tubes; the others are not counted.

    Nor are voxels that a wall cuts, whose answer is neither right nor wrong.
    """
    inside = asked >= 0.5
    counted = inside | (ndimage.maximum_filter(every, 3) == 0.0)
    return float(average_precision_score(inside[counted], found[counted]))


def main() -> None:
    """Time every engine and write a table."""
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    numba.set_num_threads(1)
    image, truth, thin = region(seed=11)
    _ours(image[:8, :8, :8])
    rows = []
    for name, engine in ENGINES.items():
        start_cpu, start = time.process_time(), time.perf_counter()
        found = engine(image)
        cpu, wall = time.process_time() - start_cpu, time.perf_counter() - start
        whole = average_precision_score((truth >= 0.5).ravel(), found.ravel())
        rows.append((name, cpu, wall, whole, _precision(found, truth, thin)))
    write = sys.stdout.write
    write(f"region {SHAPE}, voxels {VOXEL_MM} mm, {len(SCALES_MM)} scales\n")
    for name, cpu, wall, precision, of_thin in rows:
        write(
            f"{name:30s} {cpu:8.2f} CPU s {wall:8.2f} s  "
            f"x{cpu / rows[0][1]:6.1f}  average precision {precision:.3f}, "
            f"of thin tubes {of_thin:.3f}\n"
        )


if __name__ == "__main__":
    main()
