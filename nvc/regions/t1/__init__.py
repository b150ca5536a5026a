"""Regions of a T1: a template head laid over it.

In come a whole head of dark CSF and the template, out go pose, levels and seeds. Open
`stage` first. `template_seeds` compares three cues: `registration` of the whole head,
the plane of symmetry, and the corner of the pons (`local_match`). `pose_checks` says
why a pose is not believed.
"""
