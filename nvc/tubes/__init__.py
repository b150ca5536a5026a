"""Curves, tubes and blurred discs: the geometry and the kernels that fit them.

Below the stages, which share it: points, radii and voxels come in, places and fitted
values go out, in whichever frame they came. Open `curve` first (courses as points in
order), then `disc` (what a blurred tube looks like across), then the room `stations`
(tubes fitted to an image). `mesh` and `wall_gap` tell how far two walls are apart.
"""
