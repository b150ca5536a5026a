"""Nerve, vessels and brain near one place, fitted together to the voxels.

In come a place and a `SideContext`; out goes a `SceneFit`: tubes, brain surface and
their covariance, which a fitted gap's interval rests on. `build` chooses tubes and
voxels, `look` and `priors` say what is believed of them, `forward` draws the picture,
`fit` fits it. Open `fit` first, then `scene` for what it is given.
"""
