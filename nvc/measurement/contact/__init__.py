"""How a vessel lies on CN VII: clock hour, length, area and angle.

In come a `Gap` with both walls, or directions; out go a `Touch` and an hour. Open
`touch` first: what counts as touching follows from the gap's own deviation, as
`gap.interval` has it.
"""
