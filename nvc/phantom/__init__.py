"""A posterior fossa with exact truth, for tests and trials."""

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
