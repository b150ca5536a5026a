"""DICOM: folders sorted into stacks, stacks read as volumes.

In comes a folder or a file, out goes a `Reading` for every stack. Open `folder` first:
it sorts headers (`header`) into stacks; `parting` tells apart volumes that lie in each
other, `joining` puts together what is one volume after all, `copies` drops what was
sent twice, `volume` orders a stack and makes its grid, and `pixels` reads its numbers.
Compressed ones are decoded by a program of its own, `decoder`, which `decoding` starts.
LPS turns to RAS mm in `volume` and exists nowhere above.
"""
