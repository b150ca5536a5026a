"""NIfTI: headers, affines, volumes, and label volumes in and out.

In comes a path, out goes a `Reading` in RAS mm. Open `volume` first; `header` and
`affine` say what to believe of a file. `labels_in` reads a segmentation made
elsewhere, `labels_out` writes ours with its table of names and colours.
"""
