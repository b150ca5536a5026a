"""Measures the gap between CN VII and every vessel near it, with an interval."""

from nvc.measure.stage import measure

__all__ = ["measure"]
