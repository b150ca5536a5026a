"""Rigid registration of TOF and T1 to the reference.

In comes a `Study`, out goes an `Aligned`: the reference as it was read, and each
companion with its rigid transform in mm, or the reason why it is left out. Open
`stage` first; `register` finds one transform, and `mutual_information` is what it
maximises, in the lattice coordinates of `rigid`.
"""

from nvc.align.stage import align

__all__ = ["align"]
