"""A fourth family: heads of implicit surfaces and noise, sampled in k-space.

Surfaces are level sets on a lattice, vessels are settled splines, signals follow from
relaxation times and the sequence, and the picture is what is left of the spectrum that
a scanner samples. Nothing is shared with the other families but tubes, the options and
the form of the truth. Open `heads` first: `anatomy` builds a head, `scanner` takes its
pictures.
"""

from nvc.phantom.sampled.heads import make_sampled

__all__ = ["make_sampled"]
