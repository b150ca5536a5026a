"""The figures of a validation, each beside what it must reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import binomtest

from nvc.model.anatomy import Flag, NerveSegment
from nvc.validation.run import HeadOutcome
from nvc.validation.score import DEVIATED_MM, REACH_MM, SideScore


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure.

    Parameters
    ----------
    name, unit : str
        What it says; unit ``"mm"``, ``"s"``, ``"share"`` or ``"count"``.
    value : float or None
        None where nothing it is made of occurred.
    low, high : float or None
        Bounds that it must keep; both None: shown only.
    count : int
        How many values it is made of.
    is_rate : bool
        Whether the share estimates a rate that must lie between both bounds. It is then
        shown with its 95 % interval (Clopper and Pearson 1934, Biometrika 26:404), and
        keeps its bounds where that reaches them: of 40 intervals that hold the truth
        at a rate of 95 %, all 40 do in one run of eight.
    """

    name: str
    unit: str
    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0
    is_rate: bool = False

    @property
    def passed(self) -> bool | None:
        """Whether it keeps its bounds; None without bounds or values."""
        if self.value is None or self.count == 0 or not self.target:
            return None
        least, most = self.rate_interval or (self.value, self.value)
        above = self.low is None or most >= self.low
        return above and (self.high is None or least <= self.high)

    @property
    def rate_interval(self) -> tuple[float, float] | None:
        """95 % interval of the rate; None where the figure is no rate."""
        if not self.is_rate or self.value is None:
            return None
        found = binomtest(round(self.value * self.count), self.count)
        interval = found.proportion_ci(confidence_level=0.95, method="exact")
        return float(interval.low), float(interval.high)

    @property
    def target(self) -> str:
        """The bounds in words, in the unit of `text`; empty without bounds."""
        low, high = (
            None if bound is None else self._bound_text(bound)
            for bound in (self.low, self.high)
        )
        if low is not None and high is not None:
            return f"{low} to {high}"
        if low is not None:
            return f">= {low}"
        return "" if high is None else f"<= {high}"

    def _bound_text(self, bound: float) -> str:
        if self.unit == "share":
            return f"{100.0 * bound:g} %"
        return f"{bound:g}" if self.unit == "count" else f"{bound:g} {self.unit}"

    @property
    def text(self) -> str:
        """The value in words."""
        if self.value is None:
            return "none"
        if self.unit == "share":
            sampled = ""
            if self.rate_interval is not None:
                least, most = self.rate_interval
                sampled = f" ({100.0 * least:.0f} to {100.0 * most:.0f})"
            return f"{100.0 * self.value:.1f} %{sampled}"
        if self.unit == "count":
            return f"{self.value:.0f}"
        return f"{self.value:.3f} {self.unit}"

    @property
    def verdict(self) -> str:
        """Whether the target is met, in a word or two; empty without one."""
        if self.passed is None:
            return "none" if self.target else ""
        return "met" if self.passed else "missed"


def summarise(outcomes: Sequence[HeadOutcome]) -> list[Figure]:
    """Return every figure over the given heads."""
    sides = [side for outcome in outcomes for side in outcome.sides]
    return [
        *_run_figures(outcomes, sides),
        *_landmark_figures(sides),
        *_vessel_figures(outcomes),
        *_gap_figures(sides),
        *_deformity_figures(sides),
    ]


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _share(
    name: str,
    values: Iterable[bool | None],
    low: float | None = None,
    high: float | None = None,
) -> Figure:
    kept = [bool(value) for value in values if value is not None]
    value = float(np.mean(kept)) if kept else None
    return Figure(
        name=name, unit="share", value=value, low=low, high=high, count=len(kept)
    )


def _rate(
    name: str, values: Iterable[bool | None], bounds: tuple[float, float]
) -> Figure:
    low, high = bounds
    return replace(_share(name, values, low, high), is_rate=True)


def _of(
    name: str,
    values: Sequence[float],
    how: Callable[[Sequence[float]], float],
    high: float | None = None,
    unit: str = "mm",
) -> Figure:
    value = float(how(values)) if len(values) else None
    return Figure(name=name, unit=unit, value=value, high=high, count=len(values))


def _tail(values: Sequence[float]) -> float:
    return float(np.percentile(values, 95))


def _middle(values: Sequence[float]) -> float:
    return float(np.median(values))


def _run_figures(
    outcomes: Sequence[HeadOutcome], sides: Sequence[SideScore]
) -> list[Figure]:
    failed = sum(bool(outcome.failure) for outcome in outcomes)
    seconds = [outcome.running_s for outcome in outcomes if not outcome.failure]
    found = [side for side in sides if side.evaluable]
    return [
        Figure(
            name="Heads without a result",
            unit="count",
            value=failed,
            high=0,
            count=len(outcomes),
        ),
        _of("CPU time of a run, median", seconds, _middle, unit="s"),
        _share(
            "Sides given up without cause",
            [not side.evaluable for side in sides],
            high=0.05,
        ),
        _share(
            "Heads with remarks without cause",
            [bool(outcome.remarks) for outcome in outcomes if not outcome.failure],
            high=0.05,
        ),
        Figure(
            name="Wrong nerve",
            unit="count",
            value=sum(side.wrong_nerve for side in found),
            high=0,
            count=len(found),
        ),
        Figure(
            name="Wrong side",
            unit="count",
            value=sum(side.wrong_side for side in found),
            high=0,
            count=len(found),
        ),
    ]


def _landmark_figures(sides: Sequence[SideScore]) -> list[Figure]:
    porus = _known(side.porus_error_mm for side in sides)
    lift = _known(side.detachment_error_mm for side in sides)
    beyond = _known(side.detachment_offset_mm for side in sides)
    leave = _known(side.root_exit_error_mm for side in sides)
    course = [error for side in sides for error in side.course_errors_mm]
    return [
        _of("Porus error, median", porus, _middle, 1.0),
        _of("Porus error, 95th percentile", porus, _tail, 2.5),
        _of("RDP error, median", lift, _middle, 1.0),
        _of("RDP error, 95th percentile", lift, _tail, 2.5),
        _of("RDP placed too far out along CN VII, median", beyond, _middle),
        _of("RExP error, median", leave, _middle),
        _of("CN VII centreline error, median", course, _middle, 0.3),
        _of("CN VII centreline error, 95th percentile", course, _tail, 1.0),
    ]


def _vessel_figures(outcomes: Sequence[HeadOutcome]) -> list[Figure]:
    scores = [outcome.vessels for outcome in outcomes if outcome.vessels is not None]

    def part(name: str, got: float, all_mm: float, low: float) -> Figure:
        value = got / all_mm if all_mm > 0.0 else None
        return Figure(
            name=name, unit="share", value=value, low=low, count=round(all_mm)
        )

    return [
        part(
            "Vessel recall, 1.2 mm and more (of mm)",
            sum(score.large_found_mm for score in scores),
            sum(score.large_mm for score in scores),
            0.98,
        ),
        part(
            "Vessel recall, 0.8 to 1.2 mm (of mm)",
            sum(score.small_found_mm for score in scores),
            sum(score.small_mm for score in scores),
            0.90,
        ),
        part(
            "Vessel precision (of mm)",
            sum(score.right_mm for score in scores),
            sum(score.found_mm for score in scores),
            0.95,
        ),
        Figure(
            name="Nerves taken for vessels",
            unit="count",
            value=sum(score.nerves_taken for score in scores),
            high=0,
            count=len(scores),
        ),
    ]


def _gap_figures(sides: Sequence[SideScore]) -> list[Figure]:
    errors = [abs(error) for error in _known(side.gap_error_mm for side in sides)]
    within = [side for side in sides if side.true_gap_mm < REACH_MM and side.evaluable]
    placed = _known(side.place_error_mm for side in within)
    return [
        _of("Gap error, mean absolute", errors, lambda e: float(np.mean(e)), 0.10),
        _of("Gap error, 95th percentile", errors, _tail),
        _of("Gap error, median absolute", errors, _middle),
        Figure(
            name="Called clear with a vessel within 1 mm",
            unit="count",
            value=sum(side.called_clear_wrongly for side in within),
            high=0,
            count=len(within),
        ),
        _rate(
            "95 % intervals that hold the truth",
            [side.covered for side in sides],
            (0.92, 0.98),
        ),
        # One that begins at zero always holds a true contact.
        _rate(
            "... of these where nerve and vessel lie apart",
            [side.covered for side in sides if side.true_contact is not True],
            (0.92, 0.98),
        ),
        _share(
            "Contact, sensitivity",
            [side.called_contact for side in sides if side.true_contact is True],
            0.97,
        ),
        _share(
            "Contact, specificity (gap >= 0.3 mm)",
            [
                None if side.called_contact is None else not side.called_contact
                for side in sides
                if side.true_contact is False
            ],
            0.97,
        ),
        _share(
            "Right nerve segment",
            [
                None if side.segment is None else side.segment == side.true_segment
                for side in within
            ],
            0.90,
        ),
        _of("Closest point error, median", placed, _middle, 1.0),
        _share("Closest point within 1 mm", [error <= 1.0 for error in placed]),
    ]


_FREE = frozenset(
    (NerveSegment.ROOT_DETACHMENT, NerveSegment.TRANSITION, NerveSegment.CISTERNAL)
)


def _deformity_figures(sides: Sequence[SideScore]) -> list[Figure]:
    within = [side for side in sides if side.true_gap_mm < REACH_MM]
    bent = [side for side in within if side.true_deviation_mm >= DEVIATED_MM]
    straight = [
        side
        for side in within
        if side.true_deviation_mm == 0.0 and side.true_indentation_mm == 0.0
    ]
    return [
        _share(
            "Nerves bent by 0.5 mm called deformed",
            [bool(side.called_deformed) for side in bent if side.evaluable],
            0.90,
        ),
        # Against the pons half of the wall does not show: told apart, not judged.
        _share(
            "... of these past the brainstem (detachment to porus)",
            [
                bool(side.called_deformed)
                for side in bent
                if side.evaluable and side.true_segment in _FREE
            ],
        ),
        _share(
            "Unbent nerves called deformed",
            [side.called_deformed for side in straight],
            high=0.05,
        ),
        Figure(
            name="Contacts without deformity called possible compression",
            unit="count",
            value=sum(
                side.flag == Flag.POSSIBLE_COMPRESSION.value for side in straight
            ),
            high=0,
            count=len(straight),
        ),
    ]
