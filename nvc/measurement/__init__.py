"""Measures the gap between CN VII and every vessel near it, and what else is seen."""

from nvc.measurement.remarks.stage import find_remarks
from nvc.measurement.stage import measure

__all__ = ["find_remarks", "measure"]
