"""Nerve, vessels and brain near one place, fitted together to the voxels."""
