"""Pages and pictures for a human reader.

In come a `Report`, `Aligned` and `Segmentation` in RAS mm, out go HTML, SVG and PNG as
text or bytes; no file is written. Open `report_page` first. `pictures` chooses what to
show, `planes` where to cut, `outlines` what the cut meets, and `drawing` draws it;
`review_page` is what a reader hands over.
"""
