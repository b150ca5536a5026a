"""Every sentence of the report that rests on the literature, with its source."""

from __future__ import annotations

from dataclasses import dataclass

from nvc.model.anatomy import Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A publication.

    Parameters
    ----------
    short : str
        First author and year.
    reference : str
        Journal, year, volume and pages as far as known.
    link : str
        DOI, PubMed or publisher's address.
    """

    short: str
    reference: str
    link: str


TASH = Citation(
    short="Tash 1991",
    reference="AJNR Am J Neuroradiol 1991;12:839-842",
    link="https://www.ajnr.org/content/12/5/839",
)
DEEP = Citation(
    short="Deep 2016",
    reference="J Neurol Surg B Skull Base 2016;77:503-509 (figures: abstract A047)",
    link="https://doi.org/10.1055/s-0036-1579836",
)
CAMPOS = Citation(
    short="Campos-Benitez 2008",
    reference="J Neurosurg 2008;109:416-420; PMID 18759570",
    link="https://doi.org/10.3171/JNS/2008/109/9/0416",
)
LEAL = Citation(
    short="Leal 2010",
    reference="Acta Neurochir 2010;152:817-825 (grades after Sindou, CN V)",
    link="https://doi.org/10.1007/s00701-009-0588-7",
)
HO = Citation(
    short="Ho 1999",
    reference="Neurology 1999;53:2132-2139; PMID 10599794",
    link="https://doi.org/10.1212/wnl.53.9.2132",
)
LI = Citation(
    short="Li 2024",
    reference="Brain Behav 2024;14(2); within-patient regression, 186 patients",
    link="https://doi.org/10.1002/brb3.3438",
)
SEKULA = Citation(
    short="Sekula 2014",
    reference="Mov Disord 2014",
    link="https://doi.org/10.1002/mds.25947",
)
LEE = Citation(
    short="Lee 2026",
    reference="Life 2026;16:166",
    link="https://doi.org/10.3390/life16010166",
)
YALTHO = Citation(
    short="Yaltho and Jankovic 2011",
    reference="Mov Disord 2011",
    link="https://doi.org/10.1002/mds.23692",
)
SMOKER = Citation(
    short="Smoker 1986",
    reference="AJNR Am J Neuroradiol 1986;7:61-72",
    link="https://www.ajnr.org/content/7/1/61",
)
VIECO = Citation(
    short="Vieco 1997",
    reference="AJNR Am J Neuroradiol 1997;18:1385",
    link="https://www.ajnr.org/content/18/7/1385",
)
FOLIA = Citation(
    short="Folia Morphol (3786 canals)",
    reference="Folia Morphologica (Warsaw); internal acoustic canals of 3786 patients",
    link="https://journals.viamedica.pl/folia_morphologica/article/view/19332",
)

SOURCES = (
    TASH,
    DEEP,
    CAMPOS,
    LEAL,
    HO,
    LI,
    SEKULA,
    LEE,
    YALTHO,
    SMOKER,
    VIECO,
    FOLIA,
)

_ONE_IN_FIVE = (
    "Contact near the root is seen in about 1 of 5 normal sides (Tash 1991: 21 % of "
    "140; Deep 2016: 44 % of 200 at any place, half of it beyond the root)."
)

FLAG_TITLE = {
    Flag.POSSIBLE_COMPRESSION: "Contact with deformity in the vulnerable zone",
    Flag.PROXIMAL_CONTACT: "Contact in the vulnerable zone",
    Flag.DISTAL_CONTACT: "Contact beyond the vulnerable zone",
    Flag.NEAR: "A vessel is near, contact not shown",
    Flag.CLEAR: "No vessel near the nerve",
    Flag.NOT_EVALUABLE: "Not evaluable",
}

FLAG_MEANING = {
    Flag.POSSIBLE_COMPRESSION: (
        "A vessel touches CN VII between the root exit and 4 mm past the detachment, "
        "and the nerve is indented or pushed aside there. Whether this matters is for "
        "the reader and the clinic to say."
    ),
    Flag.PROXIMAL_CONTACT: (
        "A vessel touches CN VII between the root exit and 4 mm past the detachment; "
        "no deformity of the nerve was shown beyond doubt."
    ),
    Flag.DISTAL_CONTACT: (
        "A vessel touches CN VII only further out in the cistern, where contact is "
        "usually incidental."
    ),
    Flag.NEAR: (
        "The nearest vessel lies within 1 mm of CN VII, or is not shown to lie "
        "farther; contact is not shown."
    ),
    Flag.CLEAR: "No vessel was found within 1 mm of CN VII.",
    Flag.NOT_EVALUABLE: "Nothing may be concluded about this side.",
}

BASE_RATE = {
    Flag.POSSIBLE_COMPRESSION: (
        f"{_ONE_IN_FIVE} More than mild contact is seen in about 1 of 14 normal sides "
        "(Deep 2016: 16 % of the 44 %). Blinded readers were specific in only 29 to "
        "43 % (Sekula 2014)."
    ),
    Flag.PROXIMAL_CONTACT: (
        f"{_ONE_IN_FIVE} Contact without deformity says little: deformity separates "
        "the sides far better (Li 2024; Ho 1999)."
    ),
    Flag.DISTAL_CONTACT: (
        "Usually incidental: about 1 of 5 normal sides shows contact in the cistern "
        "(Deep 2016: 49 % of the 44 %); it was the sole finding in only 2 % of "
        "operated patients (Lee 2026: 18 of 874)."
    ),
    Flag.NEAR: (
        f"{_ONE_IN_FIVE} A vessel that comes near without contact is more common still."
    ),
    Flag.CLEAR: (
        f"{_ONE_IN_FIVE} Arteries of 0.5 to 1 mm are one or two voxels wide and can "
        "be missed: not seen is not absent."
    ),
    Flag.NOT_EVALUABLE: (
        f"{_ONE_IN_FIVE} A side that cannot be judged is neither with nor without "
        "contact."
    ),
}

SINDOU_MEANING = {
    "I": "simple contact",
    "II": "displacement",
    "III": "marked indentation",
}
"""Words of the grades after Sindou (Leal 2010)."""

CAMPOS_MEANING = {
    "mild": "contact without indentation",
    "moderate": "indentation",
    "severe": "deviation of the nerve's course",
}
"""Words of the grades of Campos-Benitez 2008."""

GRADES_NOTE = (
    "Grades are derived from the two signs and this report's limits; neither scheme "
    "gives a length. Sindou's was made for CN V (Leal 2010), the other for CN VII "
    "(Campos-Benitez 2008)."
)

CLOCK_NOTE = (
    "Clock: where around the nerve the vessel lies, as in the pictures across the "
    "nerve; 12 superior, 3 posterior, 6 inferior, 9 anterior, on both sides alike."
)

NAMES_NOTE = (
    "Name 0.8: how sure the artery's name is, 0 to 1, from its calibre, its place and "
    "how it joins the basilar or a vertebral artery; 0.5 is even odds. It is not how "
    'sure the contact is. "-like": it does what that artery usually does.'
)

COMPARISON_NOTE = (
    "How the sides differ, not which one matters: contact is common on both sides of "
    "people without symptoms (Deep 2016; Tash 1991)."
)

CHECKLIST = (
    (
        "Schwannoma or other mass",
        "cerebellopontine angle and canal, both sides; T1 with contrast",
    ),
    ("Epidermoid", "bright on T2 like CSF: diffusion"),
    (
        "Aneurysm or ectasia",
        "vertebral and basilar artery; basilar wider than 4.5 mm is ectatic",
    ),
    ("Demyelination or infarct in the pons", "FLAIR and diffusion, facial nucleus"),
    ("Earlier Bell's palsy", "history: synkinesis can look like spasm"),
    ("Earlier decompression", "history: Teflon is dark on T2 and mimics a vessel"),
    (
        "Clinical findings and EMG",
        "outside the images; 18 of 100 referred had a mimic (Yaltho and Jankovic 2011)",
    ),
)

NOT_ASSESSED = "arteries are not resolved in T1: no vessel found is not absence"
"""Why a side without assessed vessels is never called clear (T1 as reference)."""

NOT_ASSESSED_T2 = "vessels could not be judged here: no vessel found is not absence"
"""The same where the reference is a T2 or a label volume."""


def describe_missed_artery(within_mm: float) -> str:
    """Say of a side without any vessel around CN VII why it cannot be clear."""
    return (
        f"no vessel was found within {within_mm:g} mm of CN VII, where AICA runs in "
        "every head: vessels were missed, and none found is not absence"
    )


LABELS_GIVEN = "nerves and vessels are those of a label volume that was given"
"""Said of every run that measures a segmentation made elsewhere."""

LOOKED_AT = (
    "calibre and course of the basilar artery, bulges of arteries, CSF in both "
    "cisterns and canals, the canals' width, the field of view, the slices"
)
"""What remarks are about; named where there is none."""
