"""Whole runs on generated heads of two families, scored against their truth."""

from nvc.validation.options import Family, HeadPlan, plan_heads
from nvc.validation.run import HeadOutcome, validate
from nvc.validation.summary import Figure, summarise

__all__ = [
    "Family",
    "Figure",
    "HeadOutcome",
    "HeadPlan",
    "plan_heads",
    "summarise",
    "validate",
]
