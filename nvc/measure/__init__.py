"""Measures the gap between CN VII and every vessel near it, and what else is seen."""

from nvc.measure.remarks import find_remarks
from nvc.measure.stage import measure

__all__ = ["find_remarks", "measure"]
