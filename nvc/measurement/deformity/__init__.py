"""Whether CN VII is pressed in or pushed aside, against how it lies by nature.

In come an `Approach` and a `SideContext` with sections; out goes a `Deformity`. Open
`stage` first, then `evidence` for when a sign is stated. `indentation` measures the
groove, `deviation` the push; what an untouched nerve does is in `natural_course` and
`resting_height`, the directions looked along in `push_axes`.
"""
