"""CN VII measured along itself, before any gap is.

In comes a `SideContext` with the course as segmented; out comes the same with the
course laid through sections fitted every 0.6 mm, and with these sections. Open
`refit` first; `sections` fits one section after the other.
"""
