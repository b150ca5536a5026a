"""Settings that are no more, so that old reports and reviews still open.

A report holds all of its settings, and a review is measured again with those that it
was opened with.
"""

from __future__ import annotations

UNREAD = frozenset(
    {
        "align.mirror_margin",
        "atlas.min_agreeing_starts",
        "nerve.radius_min_mm",
        "nerve.radius_max_mm",
        "nerve.along_sigma_mm",
        "nerve.lost_mm",
        "nerve.lost_before_mm",
        "nerve.onward_sds_mm",
        "nerve.onward_max_mm",
        "nerve.darker_by",
        "nerve.response_min",
        "nerve.beyond_exit_mm",
        "nerve.attached_half_width_mm",
        "nerve.attached_seen_min_mm",
        "nerve.attached_full_mm",
        "nerve.attached_longest_mm",
        "nerve.attached_doubt_mm",
        "nerve.ridge_scale",
        "nerve.too_dark",
        "vessels.largest_radius_mm",
        "vessels.strands.seeming_share",
    }
)
"""Nothing reads these: no number comes of what they were set to."""

MOVED = {"nerve.canal_length_mm": ("regions.canal_length_mm", 9.8)}
"""One fact that stood twice: where it is now, and the default that both had."""
