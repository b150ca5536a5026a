"""What hostile bytes may do: be refused, or be read as what they are; soon, and small.

Each door is tried for a few seconds; `SECONDS_VARIABLE` asks for longer. The examples
of a round follow from its number, so that what failed once fails again.
"""

from __future__ import annotations

import os
import resource
import signal
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from nvc.errors import NvcError

SECONDS_VARIABLE = "NVC_FUZZ_SECONDS"
SECONDS = float(os.environ.get(SECONDS_VARIABLE, "4"))
MOST_SECONDS, MOST_BYTES = 5.0, 2**30
"""What one example may take: of the processor, which other programs do not share."""
_ROUND = 50
_MEMORY = Path("/proc/self/statm")
REFUSED, READ = "refused", "read"

_TELLING = [
    *(b"\0", b"\xff", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"),
    *(b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\0\x80\xff", b"\x01\0", b"\xff\x7f"),
    *(b"NaN", b"1e999", b"[[[[", b"}", b'"', b"\\ud800", b"\n", b"9" * 400, b"null"),
]
"""Zeros, largest and smallest numbers, NaN and infinities, what ends a text early."""


@st.composite
def mutated(draw: Any, originals: Sequence[bytes], within: int = 2**20) -> bytes:
    """Return a good file of which a few bytes are others, are gone or are too many.

    Parameters
    ----------
    draw : callable
        Hypothesis' own.
    originals : sequence of bytes
        Good files.
    within : int
        Bytes from the beginning that are changed: where the header is.
    """
    content = bytearray(draw(st.sampled_from(originals)))
    piece = st.one_of(st.sampled_from(_TELLING), st.binary(min_size=1, max_size=8))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, min(within, len(content))))
        new = draw(piece)
        kind = draw(st.sampled_from(["over", "over", "over", "in", "out"]))
        gone = {"over": len(new), "in": 0, "out": draw(st.integers(1, 40))}[kind]
        content[place : place + gone] = b"" if kind == "out" else new
    if draw(st.integers(0, 9)) == 0:
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


def hostile(
    originals: Sequence[bytes], within: int = 2**20
) -> st.SearchStrategy[bytes]:
    """Files that were good once, and now and then any bytes at all."""
    near = mutated(originals, within)
    return st.one_of(near, near, near, near, st.binary(max_size=2000))


def fuzz(examples: st.SearchStrategy[Any], door: Callable[[Any], None]) -> Counter[str]:
    """Try a door until the time is up.

    Parameters
    ----------
    examples : strategy
        What is given to it.
    door : callable
        Raises what our code raises; checks what it was told, where it was.

    Returns
    -------
    Counter
        How many were refused and how many read.
    """
    end = time.monotonic() + SECONDS
    counts: Counter[str] = Counter()
    number = 0
    while time.monotonic() < end:

        @seed(number)
        @settings(
            max_examples=_ROUND,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(examples)
        def one_round(example: Any) -> None:
            if time.monotonic() < end:
                counts[judge(door, example)] += 1

        one_round()
        number += 1
    print(f"{sum(counts.values())} tried: {dict(counts)}")  # noqa: T201
    return counts


def judge(door: Callable[[Any], None], example: Any) -> str:
    """Demand one clear line or a true reading, within the limits."""
    start = time.process_time()
    try:
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            door(example)
    except NvcError as error:
        outcome, told = REFUSED, str(error)
    else:
        outcome, told = READ, ""
    assert "Traceback" not in told
    assert time.process_time() - start < MOST_SECONDS
    return outcome


@contextmanager
def limited() -> Iterator[None]:
    """Let what is done take no more than the limits; where the system can tell."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if _MEMORY.exists():
        held = int(_MEMORY.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MOST_BYTES, before[1]))
    handler = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"took more than {MOST_SECONDS} s")
