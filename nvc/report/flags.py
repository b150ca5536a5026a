"""Every rule that turns a measurement into a flag, one function a rule.

A flag says what a reader should look at; it never says what the patient has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nvc.model.anatomy import Flag, NerveSegment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.model.findings import Contact, SideMeasurement
    from nvc.settings.report import ReportSettings

_SEVERITY = (
    Flag.POSSIBLE_COMPRESSION,
    Flag.PROXIMAL_CONTACT,
    Flag.NOT_EVALUABLE,
    Flag.DISTAL_CONTACT,
)
"""Which of several contacts speaks for its side, first to last."""


def is_contact(contact: Contact, settings: ReportSettings) -> bool:
    """Tell whether the gap cannot be told from zero.

    The interval must reach zero and contact must be the likelier reading; an
    interval that merely reaches zero is "contact not excluded", not contact. No
    published distance separates contact from no contact; readers use "no CSF seen
    between the two", which is a gap below what the scan resolves.
    """
    reaches_zero = contact.distance_ci_mm[0] <= 0.0
    likely = contact.contact_probability >= settings.contact_probability_min
    return reaches_zero and likely


def is_judged(contact: Contact) -> bool:
    """Tell whether a place counts for the flag: root exit to porus.

    Vessels inside the canal are listed but not judged; a loop in the meatus is a
    common variant (23 to 64 % of sides; doi:10.5137/1019-5149.JTN.4372-11.1).
    """
    return contact.nerve_segment is not NerveSegment.CANAL


def is_absence_known(
    measured: SideMeasurement, vessel_free_mm: float, settings: ReportSettings
) -> bool:
    """Tell whether no vessel found near CN VII means that there is none.

    In every head AICA passes CN VII (Neurol Res 2020;42:828): where nothing was found
    around it, vessels may have been missed. Not so where a thin vessel would have
    shown as far as it would count as near, and none did.

    Parameters
    ----------
    measured : SideMeasurement
        Vessels within reach, and the nearest beyond.
    vessel_free_mm : float
        How far from CN VII a thin vessel would have shown and none did.
    settings : ReportSettings
        How near is near, and within which distance AICA runs.
    """
    if measured.contacts or vessel_free_mm >= settings.near_mm:
        return True
    beyond = measured.nearest_beyond
    return beyond is not None and beyond.distance_mm <= settings.artery_within_mm


def is_placed(contact: Contact) -> bool:
    """Tell whether it is known where along the nerve a place lies."""
    return contact.distance_from_root_detachment_mm is not None


def is_proximal(contact: Contact, settings: ReportSettings) -> bool:
    """Tell whether a place is known to lie in the vulnerable zone.

    Pontomedullary sulcus to about 4 mm past the detachment (Neurographics 2015;5(1)).
    In 96 % of operated sides the conflict lay at the root exit, the attached segment
    or the detachment (Campos-Benitez 2008, doi:10.3171/JNS/2008/109/9/0416).
    """
    beyond = contact.distance_from_root_detachment_mm
    if beyond is None or not is_judged(contact):
        return False
    return beyond <= settings.vulnerable_beyond_detachment_mm


def is_deformed(contact: Contact, settings: ReportSettings) -> bool:
    """Tell whether the nerve is stated to be indented or deviated there.

    Deformity, not contact alone, separates the symptomatic side (within-patient
    regression, Li 2024, doi:10.1002/brb3.3438; Ho 1999,
    doi:10.1212/wnl.53.9.2132). A sign that was not measured never
    counts.
    """
    indented, deviated = is_indented(contact, settings), is_deviated(contact, settings)
    return bool(indented or deviated)


def is_surely_deformed(contact: Contact, settings: ReportSettings) -> bool:
    """Tell whether a sign of deformity is beyond even rare chance.

    Signs are stated on positive evidence, which one of 20 untouched nerves shows too.
    Most vessels that touch CN VII do it no harm, so that the strongest flag asks for
    more.
    """
    ratio = contact.deformity_likelihood_ratio
    sure = ratio is not None and ratio >= settings.compression_likelihood_ratio
    return sure and is_deformed(contact, settings)


def is_indented(contact: Contact, settings: ReportSettings) -> bool | None:
    """Tell whether the nerve is pressed in; None where this was not measured."""
    if contact.indentation_mm is None:
        return None
    return contact.indentation_mm > settings.indentation_min_mm


def is_deviated(contact: Contact, settings: ReportSettings) -> bool | None:
    """Tell whether the nerve is pushed from its course; None where not measured."""
    if contact.deviation_mm is None:
        return None
    return contact.deviation_mm > settings.deviation_min_mm


def choose_flag(contact: Contact, settings: ReportSettings) -> Flag:
    """Return the flag that one place would give its side.

    A contact whose place along the nerve is not known is neither proximal nor distal.
    A vessel counts as near where its interval reaches that far: "clear" is said only
    of what is shown.
    """
    if not is_contact(contact, settings):
        near = contact.distance_ci_mm[0] <= settings.near_mm
        return Flag.NEAR if near else Flag.CLEAR
    if not is_placed(contact):
        return Flag.NOT_EVALUABLE
    if not is_proximal(contact, settings):
        return Flag.DISTAL_CONTACT
    if is_surely_deformed(contact, settings):
        return Flag.POSSIBLE_COMPRESSION
    return Flag.PROXIMAL_CONTACT


def choose_headline(
    contacts: Sequence[Contact], settings: ReportSettings
) -> Contact | None:
    """Return the place that speaks for the side, or None where there is none.

    It is the nearest, except that among places that all count as contact a deformed
    one comes before a proximal one and that before a distal one: their gaps cannot
    be told apart, their meaning can. One that might be proximal stands in between.

    Where nothing counts as contact its interval is that of the nearest of all: a vessel
    farther off whose gap is less sure may be the nearer one.
    """

    def rank(contact: Contact) -> tuple[int, float, float]:
        severity = len(_SEVERITY)
        if is_contact(contact, settings):
            severity = _SEVERITY.index(choose_flag(contact, settings))
        return (severity, contact.distance_mm, -contact.contact_probability)

    judged = [contact for contact in contacts if is_judged(contact)]
    first = min(judged, key=rank, default=None)
    if first is None or is_contact(first, settings):
        return first
    low = min(contact.distance_ci_mm[0] for contact in judged)
    high = min(contact.distance_ci_mm[1] for contact in judged)
    return replace(first, distance_ci_mm=(low, high))
