"""Looks for words in every byte of what was written, packed or not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_PNG = b"\x89PNG\r\n\x1a\n"
_INLINE = re.compile(rb"base64,([A-Za-z0-9+/=]+)")


def find(words: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """Return which word is where: in a name, or in a content."""
    found = []
    forms = {word: spellings(word) for word in words}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder)).encode().lower()
            parts = [name]
            if path.is_file() and not path.is_symlink():
                parts += [part.lower() for part in unpack(path.read_bytes())]
            found += [
                f"{word} in {path}"
                for word, own in forms.items()
                if any(form in part for form in own for part in parts)
            ]
    return found


def spellings(word: str) -> set[bytes]:
    """Return a word as files may hold it, in lower case; its digest tells it too."""
    texts = {word, html.escape(word), json.dumps(word)[1:-1], word.replace("^", " ")}
    forms = {text.lower().encode() for text in texts}
    forms |= {text.lower().encode("utf-16-le") for text in texts}
    for text in (word, word.casefold(), word.replace("^", " ").casefold()):
        forms.add(hashlib.sha256(text.encode()).hexdigest().encode())
        forms.add(hashlib.md5(text.encode()).hexdigest().encode())
    return forms


def unpack(content: bytes) -> Iterator[bytes]:
    """Yield a content, and what is packed in it."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield from unpack(gzip.decompress(content))
    if content.startswith(_PNG):
        yield from _texts_of_png(content)
    for packed in _INLINE.findall(content):
        yield from unpack(base64.b64decode(packed))


def _texts_of_png(content: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        if kind not in (b"IDAT", b"PLTE"):
            yield data
        if kind == b"zTXt":
            yield zlib.decompress(data.split(b"\0", 1)[1][1:])
        at += 12 + size
