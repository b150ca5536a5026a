"""The gap between two walls, and its 95 % interval.

In come an `Approach` and a `SideContext`; out goes a `Gap`: wall to wall with one
standard deviation (`stage`). Three methods, best first: `from_fit`, `from_surfaces`,
`from_centrelines`; `open_end` widens what was measured at an end. The interval and the
contact probability are made of gap and deviation in `interval.believe`: open that file
first. The deviation itself comes from the method: the fit's covariance in `from_fit`,
with what `residual_layer` finds left over between the walls.
"""
