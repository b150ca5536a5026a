"""Tubes fitted station by station to an image, and drawn as it would show them.

In come a `Picture` (an image made ready) and a `Course` to begin with; out goes the
course as the voxels have it, with its calibre, contrast and errors. Open `course` first
(`follow`), then `fit` (one station), `known` and `window` (the tubes beside it) and
`drawing` (known tubes taken out of the image). `values` holds what all of them share.
"""
