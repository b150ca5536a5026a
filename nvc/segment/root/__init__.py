"""Where CN VII leaves the brain: detachment, attached segment, root exit.

In come the free nerve, its surroundings and a seed of the exit; out goes `Root`. Open
`attached` first (`follow_attached`): it weighs (`odds`) all ways that the nerve may
take over the brain (`ways`) by what stands out of it there (`ridge`). `detachment`
says where the nerve lifts off, on the surface that `surface_fit` lays under it to a
fraction of a voxel.
"""
