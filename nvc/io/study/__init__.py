"""From files to a study: what is there, which role it has, found again by content.

In come paths, out goes a `Study`. Open `load` first. `sources` lists the series at a
path (a new format of images is named there), `roles` tells T2, TOF and T1 apart,
`inspection` is what ``nvc inspect`` shows, and `by_content` finds the inputs of a
review by their sha256.
"""
