"""Arteries of an angiography, found again in the T2, and their names.

In comes the angiography; out go courses in its own axes (`tof`), the same arteries as
they lie in the reference (`in_t2`), and stretches with a name (`names`) and how sure it
is (`name_certainty`). Open `tof` first.
"""
