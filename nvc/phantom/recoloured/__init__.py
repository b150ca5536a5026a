"""Real heads, coloured anew: a T1's own anatomy as a T2 cisternography and a TOF.

In come a T1-weighted volume, what was read of it by eye (`HeadReading`) and a seed; out
goes a `Phantom`: volumes and truth. Brain, cistern, canals and nerves are the head's
own, with the partial volume that the T1 has; inner ears, arteries, veins and CN VII are
drawn. CN VII keeps its own course and calibre, but its blurred image gives way to the
tube that the truth measures from, so that a picture shows the wall it is judged by.
Open `heads` first. `levels` makes tissue of the T1's brightness, `fossa` gives walls
and brain a distance, `nerves` fits the read courses to the image, `vessels` lays what
is drawn, `paint` takes the pictures.
"""

from nvc.phantom.recoloured.heads import make_recoloured
from nvc.phantom.recoloured.reading import HeadReading

__all__ = ["HeadReading", "make_recoloured"]
