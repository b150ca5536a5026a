"""Which of the series at a path are meant, and what is only listed beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nvc.errors import Problem
from nvc.io.study.inspection import MEASURED_ROLES
from nvc.io.study.roles import guess_from_header
from nvc.io.study.sources import Candidate, Source
from nvc.model.study import SequenceRole

NOT_ASKED_FOR = "not-asked-for"
"""Code of the problem of a series beside the one that was asked for."""


def narrow(
    source: Source, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Problem]]:
    """Find the one series that is meant, where one was named or a role was given."""
    if source.number is not None:
        return _numbered(source, source.number, candidates)
    if source.role is None or len(candidates) < 2:
        return list(candidates), []
    meant = _fitting(source.role, candidates)
    if meant is not None:
        return _only(meant, candidates, source), []
    unused = [_aside(replace(c, role=None), source.label) for c in candidates]
    if all(c.problems for c in candidates):  # whichever is named, it would not do
        return unused, list(candidates[0].problems)
    problem = Problem(
        code="several-series",
        where=source.where,
        reason=f"holds {len(candidates)} series, and which is the "
        f"{source.role.upper()} is not clear.",
        remedy=f'Name it by its number in nvc inspect, such as "{source.path.name}#1".',
    )
    return unused, [problem]


def _numbered(
    source: Source, number: int, candidates: Sequence[Candidate]
) -> tuple[list[Candidate], list[Problem]]:
    if 1 <= number <= len(candidates):
        return _only(candidates[number - 1], candidates, source), []
    problem = Problem(
        code="no-such-series",
        where=source.where,
        reason=f"holds {len(candidates)} series; there is no number {number}.",
        remedy="See nvc inspect.",
    )
    unused = [_aside(replace(c, role=None), source.label) for c in candidates]
    return unused, [problem] if candidates else []


def _only(
    meant: Candidate, candidates: Sequence[Candidate], source: Source
) -> list[Candidate]:
    others = [replace(c, role=None) for c in candidates if c is not meant]
    return [meant, *(_aside(c, source.label) for c in others)]


def _fitting(role: SequenceRole, candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the one series whose header says the role, or that alone may have it.

    Beside one whose header is silent, phase images and projections do not count.
    """
    guesses = [(c, guess_from_header(c.facts)) for c in candidates]
    saying = [c for c, guess in guesses if guess is not None and guess.role is role]
    possible = [
        c for c, guess in guesses if guess is None or guess.role in MEASURED_ROLES
    ]
    for group in (saying, possible):
        if len(group) == 1:
            return group[0]
    return None


def tell_roles(candidates: Sequence[Candidate], source: Source) -> list[Candidate]:
    """Give series the roles that a person chose; set aside those without use."""
    told = []
    for number, candidate in enumerate(candidates, start=1):
        role = source.roles.get(number, candidate.role)
        if role is SequenceRole.OTHER:
            told.append(_aside(replace(candidate, role=None), source.label))
        else:
            told.append(replace(candidate, role=role))
    return told


def _aside(candidate: Candidate, label: str) -> Candidate:
    """Mark a series beside the one asked for, so that it is listed but not used."""
    problem = Problem(
        code=NOT_ASKED_FOR,
        where=candidate.where,
        reason=f"is another series in the folder of {label}; it is not used.",
    )
    return replace(candidate, problems=(problem,))
