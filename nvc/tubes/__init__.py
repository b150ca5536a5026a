"""Curves, tubes and blurred discs: the geometry and the kernels that fit them."""
