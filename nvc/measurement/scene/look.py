"""What nerve, vessel, CSF and brain should look like in each sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.scene.scene import ExpectedIntensity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import TissueLevels


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceLook:
    """Expected intensities of one sequence around one place.

    Parameters
    ----------
    background : ExpectedIntensity
        CSF in a cisternography, still tissue in a TOF.
    nerve, vessel, brain : ExpectedIntensity
        Their intensity less the background's.
    """

    background: ExpectedIntensity
    nerve: ExpectedIntensity
    vessel: ExpectedIntensity
    brain: ExpectedIntensity


def expect_reference(
    levels: TissueLevels | None, nearby: NDArray[np.float64], csf_is_bright: bool
) -> SequenceLook:
    """Expect a T2 cisternography or a T1.

    Parameters
    ----------
    levels : TissueLevels or None
        Of the whole volume; where None, the extremes of `nearby` stand in.
    nearby : ndarray
        Intensities around the place, any shape.
    csf_is_bright : bool
        True for T2.

    Returns
    -------
    SequenceLook
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
        vessel = ExpectedIntensity(mean=-0.85 * csf, sd=max(0.3 * csf, 0.3 * size))
    else:
        vessel = ExpectedIntensity(mean=0.5 * step, sd=size)
    return SequenceLook(
        background=ExpectedIntensity(mean=float(csf), sd=0.25 * size),
        nerve=ExpectedIntensity(mean=step, sd=0.3 * size),
        vessel=vessel,
        brain=ExpectedIntensity(mean=step, sd=0.25 * size),
    )


def expect_flow(nearby: NDArray[np.float64]) -> SequenceLook:
    """Expect a TOF: bright flow on a still background.

    Parameters
    ----------
    nearby : ndarray
        Intensities around the place, any shape: their median is still tissue, and
        the brightest half percent flow.

    Returns
    -------
    SequenceLook
        A nerve or the brain is not told from what is around it.
    """
    still, bright = (float(value) for value in np.percentile(nearby, [50, 99.5]))
    size = max(bright - still, 1e-6)
    nothing = ExpectedIntensity(mean=0.0, sd=size)
    return SequenceLook(
        background=ExpectedIntensity(mean=still, sd=0.3 * size),
        nerve=nothing,
        vessel=ExpectedIntensity(mean=size, sd=0.4 * size),
        brain=nothing,
    )
