"""A third family: painted heads stretched to what anatomy and scanners also do.

Cisterns narrow and wide, free courses of 10 to 21 mm, straight and bent, a flocculus
or choroid plexus against the nerves, bundles of rootlets below, arteries that loop into
the canal, veins by the root; SPACE and FIESTA signal, bands and ghosts. Shapes and
arithmetic are those of `nvc.phantom.painted`; the measures are drawn here. Open `heads`
first: `stretch` draws how far a head goes, `nerves` and `vessels` lay what it asks for.
"""

from nvc.phantom.stretched.heads import make_stretched

__all__ = ["make_stretched"]
