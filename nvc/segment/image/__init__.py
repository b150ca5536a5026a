"""The reference as nerves are followed in it: tissue scale, brain, planes.

In come the reference and its tissue levels; out goes `Surroundings`, which the rooms of
nerves and root work with: a scale with brain 0 and CSF 1, and the brain's surface.
Open `surroundings` first, then `tissue_scale`, `brain_surface` and `planes` (planes
laid across a course).
"""
