"""The head at hand: its mirror plane, directions, tissue levels and template.

What T1 and T2 share. `mirror` finds the plane of symmetry, `head_frame` the head's own
directions, `levels` the intensities of bone, brain and fluid. `lattice_frame` makes a
head coarser along its own lattice, and `mni152` does so with the template head. Open
`mirror` first.
"""
