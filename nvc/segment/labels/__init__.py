"""Segmentations as voxel labels: painted, read back, and redone where edited."""
