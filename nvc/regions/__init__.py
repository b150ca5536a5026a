"""Head pose, tissue levels, canals and root seeds: where to look on each side.

In comes an `Aligned`, out goes a `Regions`, both in mm of the working frame. Open
`stage` first: a T2 goes through `t2`, a T1 through `t1`, and `given` puts in the
landmarks that a person set. `head` holds what both share.
"""

from nvc.regions.stage import find_regions

__all__ = ["find_regions"]
