"""Head pose, tissue levels, canals and root seeds."""

from nvc.regions.propose import find_regions

__all__ = ["find_regions"]
