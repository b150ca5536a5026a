"""What nerve, vessel, CSF and brain should look like in each sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.scene.scene import Expected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import TissueLevels


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Expected intensities of one sequence around one place.

    Parameters
    ----------
    background : Expected
        CSF in a cisternography, still tissue in a TOF.
    nerve, vessel, brain : Expected
        Their intensity less the background's.
    """

    background: Expected
    nerve: Expected
    vessel: Expected
    brain: Expected


def reference_look(
    levels: TissueLevels | None, nearby: NDArray[np.float64], csf_is_bright: bool
) -> Look:
    """Expect a T2 cisternography or a T1.

    Parameters
    ----------
    levels : TissueLevels or None
        Of the whole volume; where None, the extremes of `nearby` stand in.
    nearby : ndarray
        Intensities around the place.
    csf_is_bright : bool
        True for T2.

    Returns
    -------
    Look
        A vessel in a T2 is a flow void, near 0; in a T1 it may be dark or bright.
    """
    if levels is not None:
        csf, brain = levels.csf, levels.brain
    else:
        low, high = np.percentile(nearby, [10, 90])
        csf, brain = (high, low) if csf_is_bright else (low, high)
    step = float(brain - csf)
    size = max(abs(step), 1e-6)
    if csf_is_bright:
        # Slow flow and partial volume keep a void from being quite black.
        vessel = Expected(mean=-0.85 * csf, sd=max(0.3 * csf, 0.3 * size))
    else:
        vessel = Expected(mean=0.5 * step, sd=size)
    return Look(
        background=Expected(mean=float(csf), sd=0.25 * size),
        nerve=Expected(mean=step, sd=0.3 * size),
        vessel=vessel,
        brain=Expected(mean=step, sd=0.25 * size),
    )


def flow_look(nearby: NDArray[np.float64]) -> Look:
    """Expect a TOF: bright flow on a still background, from intensities nearby."""
    still, bright = (float(value) for value in np.percentile(nearby, [50, 99.5]))
    size = max(bright - still, 1e-6)
    nothing = Expected(mean=0.0, sd=size)
    return Look(
        background=Expected(mean=still, sd=0.3 * size),
        nerve=nothing,
        vessel=Expected(mean=size, sd=0.4 * size),
        brain=nothing,
    )
