"""Measures the gap between CN VII and every vessel near it, and what else is seen.

In come aligned volumes, regions and a segmentation; out go contacts of both sides
(`measure`) and remarks (`find_remarks`). Begin with `stage`, and `describe` for what
is said of one place. The rooms, from the ground up: `places` (where vessels approach
the nerve), `scene` (one place fitted to the voxels), `nerve` (its own course and
sections), `gap` (wall to wall; its interval is made in `gap.interval`), `deformity`,
`contact`. `remarks` stands apart: it knows none of them.
"""

from nvc.measurement.remarks.stage import find_remarks
from nvc.measurement.stage import measure

__all__ = ["find_remarks", "measure"]
