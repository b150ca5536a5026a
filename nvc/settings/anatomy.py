"""What anatomy is like: every published size that the code uses, once, with its source.

Nobody sets these for a run. What is looked for, kept or refused on their account is a
setting; a setting that is such a size takes it from here. Sizes are of adults. Places
in the template are MNI mm, right side: x to the right, y to the front, z to the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A size that somebody measured.

    Parameters
    ----------
    mean : float
        In `unit`; of a limit, the limit.
    sd : float
        One standard deviation between people; NaN where none was given.
    unit : str
        Such as ``"mm"``.
    source : str
        Who measured it, in how many.
    """

    mean: float
    sd: float = nan
    unit: str
    source: str


# The internal auditory canal.

CANAL_LENGTH = Fact(
    mean=9.8, unit="mm", source="9.84 mm on CT, brieflands ijradiology-75122"
)
CANAL_DIAMETER = Fact(
    mean=5.8,
    sd=0.26,
    unit="mm",
    source="of 5.93 by 5.70 mm, folia_morphologica 19332, n = 3786",
)

CANAL_WIDTH = Fact(
    mean=5.9,
    sd=0.3,
    unit="mm",
    source="from front to back, 5.93 (SD 0.25) mm, folia_morphologica 19332, n = 3786",
)

# Arteries.

BASILAR_DIAMETER = Fact(
    mean=3.2, sd=0.5, unit="mm", source="doi:10.1136/neurintsurg-2012-010412, n = 100"
)
VERTEBRAL_DIAMETER = Fact(
    mean=2.8, sd=0.6, unit="mm", source="doi:10.1136/neurintsurg-2012-010412, n = 100"
)
BASILAR_LENGTH = Fact(
    mean=35.0,
    sd=5.1,
    unit="mm",
    source="along its course, Nishijima 1994, J Nippon Med Sch 61(6):529, 52 brains; "
    "on CTA 27.3 (SD 5.7) mm, doi:10.1136/neurintsurg-2012-010412",
)
BASILAR_LEAN = Fact(
    mean=32.5,
    sd=24.5,
    unit="degree",
    source="flexion of BA, Nishijima 1994, J Nippon Med Sch 61(6):529, 52 brains",
)
BASILAR_ECTATIC = Fact(
    mean=4.5,
    unit="mm",
    source="usual 1.9-4.5 mm; wider is ectatic (Smoker 1986, AJNR 7:61-72)",
)
VERTEBRALS_JOIN_FROM_ROOTS = Fact(
    mean=2.0,
    unit="mm",
    source="near the pontomedullary sulcus, where CN VII leaves (Rhoton, who gives no "
    "distance)",
)

SCA_ABOVE_ROOTS = Fact(
    mean=14.0,
    unit="mm",
    source="SCA leaves BA near its top, AICA its lower end (Rhoton); half of BA, "
    "some 27 mm long on CTA (doi:10.1136/neurintsurg-2012-010412)",
)

# CN VII.

ATTACHED_LENGTH = Fact(
    mean=10.0, unit="mm", source="on the pons, Neurographics 2015;5(1)"
)

# Places in the MNI152 T1 template.

Point = tuple[float, float, float]

MNI_ROOT_DETACHMENT: Point = (17.9, -31.3, -44.3)
"""Where CN VII leaves the lower lateral edge of the pons. This, porus and fundus: means
of four heads read by eye on both sides, carried here by the pose of each side's
posterior fossa. They scatter by 1 to 1.8 mm (1 SD) along each axis; a head left out
lies 0.8 to 3.2 mm off the mean of the other three."""
MNI_ROOT_EXIT: Point = (12.9, -36.3, -46.8)
"""Lateral end of the pontomedullary sulcus: from the root detachment as the template
has it, which was read there."""
MNI_PORUS: Point = (28.7, -27.1, -42.8)
"""11.7 mm of free nerve beyond the detachment (Gupta 2023: 12.4 +- 1.9)."""
MNI_FUNDUS: Point = (38.2, -24.3, -42.4)
"""9.9 mm of canal beyond the porus (adult CT: 9.8)."""
MNI_PONS: Point = (0.0, -27.0, -33.0)
"""Middle of the pons."""
MNI_BRAINSTEM_AXIS: Point = (0.0, 0.33, 0.94)
"""Long axis of the lower pons and the medulla, upwards, in the mid-sagittal plane."""
MNI_BRAIN_CENTRE: Point = (0.0, -18.0, 10.0)
"""About the middle of the brain's box."""
MNI_TOP_OF_HEAD = 90.0
"""Height of the scalp's vertex: top of the brain (79) and some 11 mm of scalp."""
MNI_SIDE_PIVOT: Point = (20.0, -30.0, -42.0)
"""Within the cerebellopontine angle."""

Box = tuple[Point, Point]
"""Low and high corner."""

MNI_FOSSA: Box = ((-55.0, -90.0, -72.0), (55.0, 0.0, -12.0))
"""Holds brainstem and cerebellum and, with its margin, the canals."""
MNI_SIDE_OF_FOSSA: Box = ((2.0, -60.0, -66.0), (50.0, -5.0, -22.0))
"""Pons, flocculus and cerebellum by the petrous bone."""
MNI_PONS_CORNER: Box = ((8.0, -44.0, -54.0), (26.0, -20.0, -34.0))
"""Lower lateral pons, olive, flocculus and the cistern."""
MNI_BRAINSTEM: Box = ((-14.0, -75.0, -78.0), (14.0, 4.0, -12.0))
"""Brainstem, fourth ventricle and vermis about the mid-sagittal plane."""
