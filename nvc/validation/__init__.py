"""Whole runs on generated heads of several families, scored against their truth.

In comes a number of heads, out go figures with their targets. Open `run` first:
`options` plans the heads, `real_heads` finds those that are coloured anew, `score`,
`vessel_score` and `remark_score` compare a run with the truth, `summary` makes figures
of them, and `outputs` and `plots` write them.
"""

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
