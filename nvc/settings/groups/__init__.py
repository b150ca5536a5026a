"""Settings within settings: a module for each class of `nvc.settings` that has groups.

`measure.deformity.told_ratio` is a field of `measure.DeformitySettings` here.
"""
