"""Rigid registration of TOF and T1 to the reference."""

from nvc.align.stage import align

__all__ = ["align"]
