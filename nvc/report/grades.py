"""Grades of published schemes, derived from the stored signs; one function a scheme.

The schemes order the signs differently: to Sindou a groove is the gravest, to
Campos-Benitez a nerve pushed from its course. So indentation and deviation are what
is measured and stored, and a grade is a reading of both. Neither scheme gives a
length; what counts as indented or deviated are this report's own limits
(`ReportSettings.indentation_min_mm`, `deviation_min_mm` and
`compression_likelihood_ratio`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nvc.model.findings import Grades
from nvc.report.flags import (
    is_contact,
    is_deformed,
    is_deviated,
    is_indented,
    is_judged,
    is_surely_deformed,
)

if TYPE_CHECKING:
    from nvc.model.findings import Contact
    from nvc.settings.report import ReportSettings


def grade_place(contact: Contact, settings: ReportSettings) -> Grades:
    """Derive both grades of one place.

    Parameters
    ----------
    contact : Contact
        The place with its signs.
    settings : ReportSettings
        What counts as contact, indented and deviated.

    Returns
    -------
    Grades
        Empty without contact between root exit and porus: the schemes grade
        conflicts. A grade is None where a sign that could raise it was not measured,
        or is stated but not beyond doubt.
    """
    if not is_contact(contact, settings) or not is_judged(contact):
        return Grades()
    if is_deformed(contact, settings) and not is_surely_deformed(contact, settings):
        return Grades()
    indented = is_indented(contact, settings)
    deviated = is_deviated(contact, settings)
    return Grades(
        sindou=grade_sindou(indented, deviated),
        campos_benitez=grade_campos_benitez(indented, deviated),
    )


def grade_sindou(indented: bool | None, deviated: bool | None) -> str | None:
    """Grade I simple contact, II displacement, III marked indentation.

    Made for the trigeminal nerve (Leal 2010, doi:10.1007/s00701-009-0588-7).

    Examples
    --------
    >>> grade_sindou(indented=True, deviated=True)
    'III'
    >>> grade_sindou(indented=None, deviated=True) is None
    True
    """
    if indented is None:
        return None
    if indented:
        return "III"
    if deviated is None:
        return None
    return "II" if deviated else "I"


def grade_campos_benitez(indented: bool | None, deviated: bool | None) -> str | None:
    """Mild: contact alone; moderate: indentation; severe: deviation of the course.

    Made for hemifacial spasm (Campos-Benitez 2008,
    doi:10.3171/JNS/2008/109/9/0416).

    Examples
    --------
    >>> grade_campos_benitez(indented=True, deviated=True)
    'severe'
    >>> grade_campos_benitez(indented=True, deviated=False)
    'moderate'
    """
    if deviated is None:
        return None
    if deviated:
        return "severe"
    if indented is None:
        return None
    return "moderate" if indented else "mild"
