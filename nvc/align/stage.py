"""The first stage: a reference, and what could be brought to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nvc.align.register import register
from nvc.errors import InputError, RegistrationError
from nvc.model.stages import Aligned, Companion
from nvc.model.study import SequenceRole, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from nvc.settings.align import AlignSettings

_COMPANIONS = (SequenceRole.TOF, SequenceRole.T1)


def align(
    study: Study,
    settings: AlignSettings,
    on_progress: Callable[[float], None] | None = None,
) -> Aligned:
    """Take the reference and register the other sequences to it.

    Parameters
    ----------
    study : Study
        Must hold a T2 or a T1.
    settings : AlignSettings
        Resolution, sampling and limits.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Aligned
        Companions that must not be used are left out, with the reason.

    Raises
    ------
    InputError
        If there is neither a T2 nor a T1.
    """
    role = study.reference_role
    if role not in study.series:
        raise InputError.of(
            "no-reference",
            "study",
            "holds neither a T2 nor a T1; one of them is measured.",
            "Give --t2 or --t1.",
        )
    reference = study.series[role].volume.canonical()
    wanted = [r for r in _COMPANIONS if r in study.series and r is not role]
    companions: dict[SequenceRole, Companion] = {}
    reasons: list[str] = []
    for done, companion in enumerate(wanted):
        if on_progress is not None:
            on_progress(done / len(wanted))
        moving = study.series[companion].volume.canonical()
        try:
            companions[companion] = register(reference, moving, companion, settings)
        except RegistrationError as error:
            reasons.append(f"{companion.value.upper()} not used: {error}")
    if on_progress is not None:
        on_progress(1.0)
    return Aligned(
        reference=reference,
        reference_role=role,
        companions=companions,
        reasons=tuple(reasons),
    )
