"""What a series is for, guessed from its header, its name and, last, its contrast.

A guess is always shown as one, and nothing is guessed where the cues are weak.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nvc.io.doors.reading import NOT_MAGNITUDE
from nvc.model.study import SequenceRole

if TYPE_CHECKING:
    from nvc.io.doors.reading import SequenceFacts
    from nvc.model.grid import Volume

_INTERIOR_MM = 40.0
"""Radius about the head's middle that holds brain and cisterns but no scalp fat."""


_BRIGHT = 2.2
"""White matter in T1 stays below twice the median, fluid in T2 is 2.4 times or more."""
_BRIGHT_SHARE = 0.05
_EVEN = 1.12


class RoleGuess(NamedTuple):
    """A role and what it rests on; `OTHER` with a reason where it stays open."""

    role: SequenceRole
    reason: str


class _Vocabulary(NamedTuple):
    role: SequenceRole
    words: tuple[str, ...]


# The first that matches decides: a "T2 FLAIR" is not a cisternography, and a CISS is
# one although nobody calls it T2. Names by Siemens, GE, Philips, Canon and BIDS.
_VOCABULARIES = (
    _Vocabulary(
        SequenceRole.OTHER,
        (
            *("flair", "dwi", "adc", "trace", "dti", "swi", "swan", "t2star", "t2s"),
            *("diff", "diffusion", "tracew", "ep2d", "epi", "resolve", "tensor"),
            *("localizer", "localiser", "scout", "survey", "loc", "mip", "bold"),
            *("perf", "asl", "phase", "fieldmap", "mask", "seg", "dseg", "label"),
            *("labels", "segmentation", "probseg", "defacemask"),
        ),
    ),
    _Vocabulary(SequenceRole.TOF, ("tof", "mra", "angio", "3dtof", "tof3d")),
    _Vocabulary(
        SequenceRole.T2,
        (
            *("ciss", "fiesta", "drive", "bffe", "sbffe", "trufi", "truefisp", "bssfp"),
            *("cisternography", "cisterno", "vista", "cube"),
        ),
    ),
    _Vocabulary(SequenceRole.T2, ("t2", "t2w", "t2space")),
    _Vocabulary(
        SequenceRole.T1,
        ("t1", "t1w", "mprage", "mp2rage", "spgr", "bravo", "vibe", "tfe", "tfl3d"),
    ),
)
_DIFFUSION = {"DIFFUSION", "ADC", "TRACEW", "FA"}
_PROJECTIONS = {"LOCALIZER", "MIP", "MIN IP", "PROJECTION IMAGE", "MPR THICK"}


def guess_from_header(facts: SequenceFacts) -> RoleGuess | None:
    """Guess from words and timing; None if they say nothing.

    Parameters
    ----------
    facts : SequenceFacts
        From the DICOM header, or holding the name of a NIfTI file.
    """
    if _PROJECTIONS.intersection(facts.image_type):
        return RoleGuess(SequenceRole.OTHER, "a localiser or a projection")
    if facts.is_diffusion or _DIFFUSION.intersection(facts.image_type):
        return RoleGuess(SequenceRole.OTHER, "diffusion")
    if is_not_magnitude(facts):
        return RoleGuess(SequenceRole.OTHER, "phase, real or imaginary part")
    return _from_words(facts) or _from_timing(facts)


def is_not_magnitude(facts: SequenceFacts) -> bool:
    """Tell whether a header says that this is no magnitude image.

    The first two values of Image Type say something else, and may be abbreviated.
    """
    return bool(NOT_MAGNITUDE.intersection(facts.image_type[2:]))


def guess_role(facts: SequenceFacts, volume: Volume) -> RoleGuess:
    """Guess from the header, or from the contrast where the header is silent."""
    guess = guess_from_header(facts) or _from_contrast(volume)
    if guess is not None:
        return guess
    return RoleGuess(SequenceRole.OTHER, "neither header nor contrast tells what it is")


def find_contradiction(facts: SequenceFacts, given: SequenceRole) -> str:
    """Return a warning if the header names another sequence than the user did."""
    guess = guess_from_header(facts)
    if guess is None or guess.role is given:
        return ""
    what = "something else" if guess.role is SequenceRole.OTHER else guess.role.upper()
    return f"given as {given.upper()}, but its header suggests {what} ({guess.reason})"


def _from_words(facts: SequenceFacts) -> RoleGuess | None:
    tokens = _tokens(facts.words)
    for vocabulary in _VOCABULARIES:
        found = sorted(tokens.intersection(vocabulary.words))
        if not found:
            continue
        if vocabulary.words[0] == "t2" and tokens & set(_VOCABULARIES[-1].words):
            return None  # both T1 and T2 are named: the words do not decide
        return RoleGuess(vocabulary.role, f'its name says "{found[0]}"')
    return None


def _tokens(texts: tuple[str, ...]) -> set[str]:
    """Split names into words; ``"t2_ciss3d"`` holds t2, ciss3d and ciss."""
    tokens: set[str] = set()
    for text in texts:
        joined = text.replace("t2*", "t2star").replace("b-ffe", "bffe")
        joined = joined.replace("mp-rage", "mprage").replace("true fisp", "truefisp")
        for word in re.split(r"[^a-z0-9]+", joined):
            tokens.add(word)
            tokens.update(re.findall(r"[a-z]{3,}", word))
    return tokens - {""}


def _from_timing(facts: SequenceFacts) -> RoleGuess | None:
    """Tell the usual 3D sequences apart by their timing.

    Balanced steady state: TR under 15 ms with a large flip angle. TOF: TR 15-50 ms,
    flip 10-40 degrees. Inversion-prepared gradient echo: T1. Long TE: T2.
    """
    echo, repetition = facts.echo_time_ms, facts.repetition_time_ms
    flip, inversion = facts.flip_angle_deg, facts.inversion_time_ms
    if facts.is_angiographic:
        return RoleGuess(SequenceRole.TOF, "marked as an angiogram")
    if echo is None or repetition is None:
        return None
    timing = f"TE {echo:g} ms, TR {repetition:g} ms"
    if inversion is not None and 300 <= inversion <= 1500 and echo < 10:
        return RoleGuess(SequenceRole.T1, f"{timing}, TI {inversion:g} ms")
    if echo >= 60 and repetition >= 500:
        return RoleGuess(SequenceRole.T2, timing)
    if flip is None or echo > 12:
        return None
    if repetition < 15 and flip >= 35:
        return RoleGuess(SequenceRole.T2, f"{timing}, flip angle {flip:g} degrees")
    if 15 <= repetition <= 50 and 10 <= flip <= 40 and not facts.is_steady_state:
        return RoleGuess(SequenceRole.TOF, f"{timing}, flip angle {flip:g} degrees")
    return None


def _from_contrast(volume: Volume) -> RoleGuess | None:
    """Recognise a cisternography by its fluid; T1 and TOF cannot be told apart so.

    In the middle of the head, in units of the median, fluid is more than twice as
    bright, fills at least a twentieth and is even: its brightest hardly exceeds its
    median. In T1 slabs, fat and inflowing blood are as bright but far from even.
    """
    interior = _interior(volume)
    middle = float(np.median(interior)) if interior.size else 0.0
    bright = interior[interior > _BRIGHT * middle]
    if middle <= 0 or bright.size < _BRIGHT_SHARE * interior.size:
        return None
    if np.percentile(bright, 95) > _EVEN * np.median(bright):
        return None
    return RoleGuess(SequenceRole.T2, "fluid is even and by far the brightest")


def _interior(volume: Volume) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the intensities about the head's middle, thinned out, shape (N,)."""
    sizes = np.array(volume.grid.voxel_size_mm)
    steps = np.maximum(1, np.floor(1.5 / sizes).astype(int))
    coarse = np.asarray(volume.voxels[:: steps[0], :: steps[1], :: steps[2]])
    head = np.argwhere(coarse > 0.1 * np.percentile(coarse, 99.5))
    if len(head) == 0:
        return np.empty(0, dtype=np.float32)
    from_middle = (np.indices(coarse.shape).T - head.mean(axis=0)) * steps * sizes
    near = np.linalg.norm(from_middle, axis=-1).T < _INTERIOR_MM
    inside: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = coarse[near]
    return inside
