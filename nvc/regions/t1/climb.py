"""Moving a pose uphill until head and template fit best.

The template is warped instead of the head (Baker & Matthews 2004, "inverse
compositional", doi:10.1023/B:VISI.0000011205.11775.fd): its slopes are computed once,
and a step costs one look at the head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.regions.t1.pose import Pose, SizePrior, change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Layout, Step, Tolerance
    from nvc.regions.t1.likeness import Glance, Region
    from nvc.sampling import Sampler

RIGID: Layout[NDArray[np.float64]] = np.eye(12)[:, :6]
_ALIKE: Layout[NDArray[np.float64]] = np.repeat([0.0, 1.0, 0.0], (6, 3, 3))
SIMILARITY: Layout[NDArray[np.float64]] = np.column_stack([RIGID, _ALIKE])
AFFINE: Layout[NDArray[np.float64]] = np.eye(12)
"""What may change, shape (12, K): columns over the parameters of `pose.change`."""
_STEPS: Step[tuple[float, ...]] = (1.0, 0.4, 0.15)
"""Parts of a full step that are tried in turn."""
_STILL_MM: Tolerance[float] = 0.05
_ARM_MM: Step[float] = 70.0
"""Half of a brain's width: what a turn or stretch moves is taken there."""


def climb(
    region: Region,
    head: Sampler,
    pose: NDArray[np.float64],
    free: NDArray[np.float64],
    prior: SizePrior,
    steps: int = 25,
) -> Pose:
    """Move a pose uphill from where it is.

    Parameters
    ----------
    region : Region
        Of the template.
    head : Sampler
        In lattice mm, of about the region's resolution.
    pose : ndarray, shape (4, 4)
        To begin with; maps MNI mm to lattice mm.
    free : ndarray, shape (12, K)
        `RIGID`, `SIMILARITY` or `AFFINE`.
    prior : SizePrior
        Weighs against odd sizes.
    steps : int
        At most.
    """
    samples = float(region.count.sum()) * region.voxel_mm3 / region.independent_mm3
    look = region.look(head, pose)
    height = samples * look.evidence - prior.cost(pose)
    for _ in range(steps):
        step = _step(region, look, prior, pose, free)
        for part in _STEPS:
            tried = pose @ np.linalg.inv(change(part * step, region.pivot_mm))
            seen = region.look(head, tried)
            reached = samples * seen.evidence - prior.cost(tried)
            if reached > height:
                break
        else:
            break
        pose, look, height = tried, seen, reached
        far = np.abs(step[:3]).max() + _ARM_MM * np.abs(step[3:]).max()
        if part * far < _STILL_MM:
            break
    return Pose.seen(pose, look)


def _step(
    region: Region,
    look: Glance,
    prior: SizePrior,
    pose: NDArray[np.float64],
    free: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the Gauss-Newton step, shape (12,), in the template's own frame."""
    worth = region.voxel_mm3 / region.independent_mm3
    pull = look.gain / look.variance
    weighted = (look.residual * pull[region.block]).astype(np.float32)
    slope = worth * (region.slopes.T @ weighted).astype(np.float64)
    bend = worth * np.einsum("b,bij->ij", pull * look.gain, region.curvature)
    # Stretching the template shrinks the pose, so the prior pulls the same way.
    slope[6:] += prior.precision @ prior.excess(pose)
    bend[6:, 6:] += prior.precision
    bend = free.T @ bend @ free
    bend += np.diag(1e-3 * np.diag(bend) + 1e-9)
    step: NDArray[np.float64] = free @ np.linalg.solve(bend, free.T @ slope)
    return step
