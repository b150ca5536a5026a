"""Grey windows: presets for each sequence, and what dragging does to them. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nvc.model.grid import Volume
from nvc.model.study import SequenceRole

_DRAG_PIXELS = 300.0
"""Dragging this far doubles or halves the width, or moves the level by one width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The grey levels shown as black and as white."""

    black: float
    white: float

    def drag(self, along_pixels: float, up_pixels: float) -> Window:
        """Return the window after a drag: along widens, up darkens, as in the PACS.

        Examples
        --------
        >>> Window(black=0.0, white=100.0).drag(300.0, 0.0)
        Window(black=-50.0, white=150.0)
        """
        width = self.white - self.black
        level = (self.white + self.black) / 2 + width * up_pixels / _DRAG_PIXELS
        wide = width * 2.0 ** (along_pixels / _DRAG_PIXELS)
        return Window(black=level - wide / 2, white=level + wide / 2)

    def apply_to(self, layer: Any) -> None:
        """Show an image layer in this window, also beyond its own grey levels."""
        low, high = layer.contrast_limits_range
        layer.contrast_limits_range = (min(low, self.black), max(high, self.white))
        layer.contrast_limits = (self.black, self.white)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named window in percentiles of a volume.

    Parameters
    ----------
    title : str
        As a reader would ask for it.
    low, high : float
        Percentiles shown as black and as white.
    """

    title: str
    low: float
    high: float

    def fit(self, volume: Volume) -> Window:
        """Return the window for a volume; black and white always differ."""
        voxels = np.asarray(volume.voxels, dtype=np.float32)
        thinned = voxels[::2, ::2, ::2]
        black, white = np.percentile(thinned, (self.low, self.high)).tolist()
        return Window(black=black, white=white if white > black else black + 1.0)


PRESETS = {
    SequenceRole.T2: (
        Preset(title="T2: cisterns", low=1.0, high=99.8),
        Preset(title="T2: nerves in fluid", low=30.0, high=99.0),
        Preset(title="T2: brainstem", low=1.0, high=93.0),
    ),
    SequenceRole.T1: (
        Preset(title="T1: whole", low=1.0, high=99.5),
        Preset(title="T1: nerves in fluid", low=5.0, high=90.0),
    ),
    SequenceRole.TOF: (
        Preset(title="TOF: arteries", low=90.0, high=99.9),
        Preset(title="TOF: whole", low=1.0, high=99.9),
    ),
}
"""Chosen by percentile, so that they fit any scanner's scale."""
