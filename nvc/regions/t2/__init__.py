"""Regions of a T2: inner ears, canals, petrous face, brainstem.

In comes a slab of bright CSF, out go pose, levels, canals and seeds. Open `stage`
first. `search` goes from `ears` to `canal` and `porus`; `nod` and `brainstem` complete
the pose, `root_seed` puts the seeds on the brainstem's surface, and `verdicts` says
what may be concluded on each side.
"""
