"""Regions of a T1: a template head laid over it.

In come a whole head of dark CSF and the template, out go pose, levels and seeds. Open
`stage` first. `template_seeds` puts together what the others find: `registration` lays
the template over the head from many starts (`likeness` says how well a pose fits,
`climb` betters it, `pose` knows the size of heads), `canal_bundle` finds the nerves in
their canal, `local_match` the corner of the pons, and `pose_checks` says why a pose is
not believed.
"""
