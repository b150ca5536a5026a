"""Head pose, tissue levels, canals and root seeds."""

from nvc.regions.stage import find_regions

__all__ = ["find_regions"]
