"""A posterior fossa with exact truth, for tests and trials.

In come `PhantomOptions` with a seed, out goes a `Phantom`: volumes, labels and truth in
RAS mm. Open `study` first. `anatomy` plans both sides, `scene` draws them and `truth`
measures them, all in head coordinates. `painted`, `stretched`, `recoloured` and
`sampled` are further families of heads. No stage is used, so that none can hide its
own fault.
"""

from nvc.phantom.options import NAMED, Conflict, PhantomOptions, options_for
from nvc.phantom.study import Phantom, make_phantom

__all__ = [
    "NAMED",
    "Conflict",
    "Phantom",
    "PhantomOptions",
    "make_phantom",
    "options_for",
]
