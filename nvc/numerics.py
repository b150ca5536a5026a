"""Kinds of numbers that a computation needs and nobody would want to set.

Three homes for a number that is more than 0, 1, 2 or a half:

- what anatomy is like stands in `nvc.settings.anatomy`, once, with its source;
- what decides (found or not, kept or refused, said or not) is a setting of its stage;
- how something is computed stays where it is used, in a constant of the module whose
  annotation is one of the kinds below, such as ``_ANGLES: Count[int] = 16``.

`tests/test_numbers.py` refuses any other number that a module outside of
`nvc.settings` names or compares with.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

T = TypeVar("T")

Count = Annotated[T, "how many"]
"""Samples, directions, rounds, candidates, the fewest for an estimate: in whole."""

Step = Annotated[T, "how finely"]
"""Spacing of samples, lattices and trials. A finer one costs time and says the same, so
nothing is ever compared with it."""

Tolerance = Annotated[T, "as good as none"]
"""At most 0.1: what has settled, what rounding leaves, what is one point still."""

Exact = Annotated[T, "follows from mathematics"]
"""Quantiles, widths of kernels, ends of a series; the line beside it says of what."""

Domain = Annotated[T, "where a formula ends"]
"""End of a table or a series: beyond it another formula says the same."""

Layout = Annotated[T, "how arrays are laid out"]
"""Indices, orders of parameters, neighbours of a voxel, shares of a progress bar. Only
whole ones are compared with."""
