"""How far around each CN VII it is known that no vessel lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.dark.empty import measure_empty_mm
from nvc.tubes.curve import nearest_index
from nvc.tubes.stations.known import extend_nerves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nvc.model.anatomy import Side
    from nvc.model.stages import SideNerves, Vessel
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings import VesselsSettings


def measure_free_mm(
    around: Surroundings | None,
    sides: Mapping[Side, SideNerves],
    vessels: Sequence[Vessel],
    settings: VesselsSettings,
) -> dict[Side, float]:
    """Tell how far from each CN VII a thin vessel would have shown, and none does.

    Parameters
    ----------
    around : Surroundings or None
        Image and brain; None where these are not known.
    sides : mapping of Side to SideNerves
        Nerves and landmarks, mm of the working frame.
    vessels : sequence of Vessel
        That are known, and measured by themselves.
    settings : VesselsSettings
        The thinnest vessel that is looked for.

    Returns
    -------
    dict of Side to float
        mm from CN VII's wall; no entry for a side that was not looked at.
    """
    if around is None or around.scale.bone is None:
        # In a T1 fluid shows no vessels.
        return {}
    free_mm = {}
    for side, nerves in sides.items():
        if nerves.facial is None:
            continue
        porus = nerves.landmarks.porus_mm
        points = nerves.facial.points_mm
        stop = len(points) if porus is None else nearest_index(points, porus) + 1
        # What is drawn from anatomy alone is no place to find anything beside.
        is_seen = nerves.facial.position_sd_mm < settings.empty.estimated_sd_mm
        is_seen &= nerves.facial.arc_length_mm() >= nerves.exit_within_mm
        first = int(np.argmax(is_seen))
        eighth = nerves.vestibulocochlear
        # It goes on into the brain, however far it was followed.
        known = (
            [] if eighth is None else extend_nerves([eighth]),
            [vessel.tube for vessel in vessels],
        )
        facial = nerves.facial.part(slice(first, max(stop, first + 2)))
        free_mm[side] = measure_empty_mm(around, facial, known, settings)
    return free_mm
