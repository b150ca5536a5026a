"""A second family of heads: other shapes, other courses, painted with hard edges.

It guards against a method that fits the first family's shapes and signal. Only the
values (`nvc.phantom.anatomy.Anatomy`, `nvc.phantom.study.Phantom`), the definitions
of the truth and the arithmetic of tubes are shared. Open
`heads` first.
"""

from nvc.phantom.painted.heads import make_painted

__all__ = ["make_painted"]
