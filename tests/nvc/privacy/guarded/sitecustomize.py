"""Watches a program of Python's and all that it starts: put this folder on PYTHONPATH.

The network is shut: whatever looks for a host, connects or listens ends in an error and
is noted in the file named by NVC_TEST_NETWORK. What was in a folder for temporary files
is kept, by a link, in the folder named by NVC_TEST_KEEP.
"""

from __future__ import annotations

import os
import sys

_NETWORK = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
    "socket.sendto",
    "socket.sendmsg",
    "urllib.Request",
    "http.client.connect",
    "ftplib.connect",
    "smtplib.connect",
)
_UNIX = 1
_TRY_OF_URLLIB3 = ("::1", 0)
"""Bound and let go when it is imported (by pydicom): whether there is IPv6 here."""


def _is_local(told: tuple[object, ...]) -> bool:
    """A socket of the machine itself, such as a display's."""
    is_unix = bool(told) and getattr(told[0], "family", None) == _UNIX
    return is_unix or (len(told) > 1 and told[1] == _TRY_OF_URLLIB3)


def _watch(event: str, told: tuple[object, ...]) -> None:
    if event in _NETWORK and not _is_local(told):
        note = os.environ.get("NVC_TEST_NETWORK")
        if note:
            handle = os.open(note, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.write(handle, f"{event} {told}\n".encode())
            os.close(handle)
        raise PermissionError(f"no network in this test: {event} {told}")
    if event == "shutil.rmtree":
        _keep(str(told[0]))


def _keep(path: str) -> None:
    kept, watched = os.environ.get("NVC_TEST_KEEP"), os.environ.get("TMPDIR", "")
    if not (kept and watched and os.path.abspath(path).startswith(watched)):
        return
    for folder, _folders, names in os.walk(path):
        for name in names:
            at = os.path.join(folder, name)
            os.link(at, os.path.join(kept, f"{len(os.listdir(kept))}-{name}"))


if __name__ == "sitecustomize":  # not where a test's collector imports it
    sys.addaudithook(_watch)
