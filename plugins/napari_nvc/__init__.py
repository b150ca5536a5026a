"""The napari plugin of NVC Review: one reader's review of one study, in a window.

A room knows only those below it: `panel` over `flow`, over `pages` and `views`, which
do not know each other, over `shown`. Measuring is all `nvc`'s; here it is asked for and
shown. Points are true RAS mm, and in the viewer (S, A, R) in mm; the frame in which
stages work never comes here. Open `panel.py` first.
"""

from nvc.io.doors.caches import provide_caches, provide_home

provide_caches()
provide_home()
