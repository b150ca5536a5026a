"""Where CN VII leaves the brain: detachment, attached segment, root exit.

In come the free nerve, its surroundings and a seed of the exit; out goes `Root`. Open
`attached` first (`follow_attached`): it follows the ridge that the nerve makes on the
brain (`ridge`). `detachment` says where the nerve lifts off, on the surface that
`surface_fit` lays under it to a fraction of a voxel.
"""
