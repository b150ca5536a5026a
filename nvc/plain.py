"""Text from outside as it may be shown.

Names of files, words out of headers, and what another reader wrote may hold letters
that a terminal obeys, or that turn the rest of a line around.
"""

from __future__ import annotations

import unicodedata

_INSTEAD = "?"


def make_plain(text: str) -> str:
    r"""Return one line in which every letter is seen, or a question mark in its place.

    Examples
    --------
    >>> make_plain("a\x1b[31m b\tc\u202egpj.exe")
    'a?[31m b c?gpj.exe'
    """
    return "".join(_show(letter) for letter in text)


def show_plainly(value: object) -> object:
    """Return a value of a page, its text plain; markup of our own stays as it is."""
    return make_plain(value) if type(value) is str else value


def _show(letter: str) -> str:
    if letter in "\t\r\n":
        return " "
    if letter.isprintable() or unicodedata.category(letter) == "Zs":
        return letter
    return _INSTEAD
