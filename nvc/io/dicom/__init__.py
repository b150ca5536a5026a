"""DICOM: folders sorted into stacks, stacks read as volumes.

In comes a folder or a file, out goes a `Reading` for every stack. Open `folder` first:
it sorts headers (`header`) into stacks; `volume` orders a stack and makes its grid,
and `pixels` decodes it. LPS turns to RAS mm in `volume` and exists nowhere above.
"""
