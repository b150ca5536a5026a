"""Public studies, downloaded on request and checked against pinned digests."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from types import MappingProxyType

import pooch
import requests

from nvc.errors import InputError

DATA_DIR_VARIABLE = "NVC_DATA_DIR"
"""Environment variable that names a folder with studies that are already there."""

Progress = Callable[[int, int], None]
"""Called with the number of files that are there and of files in all."""

_ATTEMPTS = 2
_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStudy:
    """A public study and where it is kept.

    Parameters
    ----------
    name : str
        As the user names it.
    base_url : str
        Every file lies below it.
    digests : mapping of str to str
        sha256 of each file, by its name.
    licence : str
        What its use is bound to.
    citation : str
        Whom to cite.
    """

    name: str
    base_url: str
    digests: Mapping[str, str]
    licence: str
    citation: str


def list_public_studies() -> Mapping[str, PublicStudy]:
    """Return the studies that can be fetched, by name."""
    studies = [
        PublicStudy(
            name="studyforrest-t1",
            base_url=(
                "https://raw.githubusercontent.com/datalad/example-dicom-structural/"
                "f077bcc8d502ce8155507bd758cb3b7ccc887f40/dicoms/"
            ),
            digests=_registry("studyforrest-t1"),
            licence="PDDL 1.0 (public domain)",
            citation="Hanke et al. 2014, Scientific Data 1:140003, "
            "doi:10.1038/sdata.2014.3",
        )
    ]
    return MappingProxyType({study.name: study for study in studies})


def fetch(
    name: str,
    cache_dir: str | os.PathLike[str] | None = None,
    *,
    on_progress: Progress | None = None,
    studies: Mapping[str, PublicStudy] | None = None,
) -> Path:
    """Return the folder of a public study, downloading what is not there yet.

    Files are looked for in the folder that ``NVC_DATA_DIR`` names, then in the cache;
    only those whose sha256 is right count. An interrupted download goes on where it
    stopped.

    Parameters
    ----------
    name : str
        Such as ``"studyforrest-t1"``.
    cache_dir : path, optional
        Where downloads are kept; the user's cache folder by default.
    on_progress : callable, optional
        Called after each file.
    studies : mapping, optional
        What can be fetched; `list_public_studies` by default.

    Returns
    -------
    Path
        A folder that holds every file of the study.

    Raises
    ------
    InputError
        If there is no such study, or it cannot be downloaded or stored.
    """
    studies = list_public_studies() if studies is None else studies
    if name not in studies:
        near = get_close_matches(name, studies, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(studies)}."
        raise InputError.of("unknown-study", name, "is no known public study.", hint)
    study = studies[name]
    local = find_local(study)
    if local is not None:
        return local
    cache = Path(cache_dir) if cache_dir is not None else pooch.os_cache("nvc-review")
    return _download(study, Path(cache) / name, on_progress)


def find_local(study: PublicStudy, root: Path | None = None) -> Path | None:
    """Return a folder at or below a root that holds the whole study, if there is one.

    Parameters
    ----------
    study : PublicStudy
        What is looked for; every file's digest must be right.
    root : Path, optional
        The folder that ``NVC_DATA_DIR`` names by default.
    """
    if root is None:
        named = os.environ.get(DATA_DIR_VARIABLE, "")
        if not named:
            return None
        root = Path(named)
    first = min(study.digests)
    for parent, folders, names in os.walk(root):
        folders.sort()
        if first in names and _is_complete(Path(parent), study):
            return Path(parent)
    return None


def _registry(name: str) -> dict[str, str]:
    """Read the pinned digests of a study: a file name and a sha256 a line."""
    text = (resources.files("nvc.io") / "registry" / f"{name}.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {parts[0]: parts[1] for parts in lines}


def _is_complete(folder: Path, study: PublicStudy) -> bool:
    return all(
        _has_digest(folder / file, digest) for file, digest in study.digests.items()
    )


def _has_digest(path: Path, digest: str) -> bool:
    if not path.is_file():  # opening a pipe would block
        return False
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def _download(study: PublicStudy, folder: Path, on_progress: Progress | None) -> Path:
    store = pooch.create(
        path=folder,
        base_url=study.base_url,
        registry={file: f"sha256:{d}" for file, d in study.digests.items()},
        retry_if_failed=_ATTEMPTS - 1,
    )
    downloader = pooch.HTTPDownloader(timeout=_SECONDS)
    total = len(study.digests)
    for done, file in enumerate(sorted(study.digests)):
        if on_progress is not None:
            on_progress(done, total)
        try:
            with _silent(pooch.get_logger()):
                store.fetch(file, downloader=downloader)
        except requests.RequestException as error:
            raise _failed(
                study,
                f"{done} of {total} files are there, the next could not be downloaded "
                f"({_cause(error)}).",
            ) from error
        except ValueError as error:  # the digest of what came is another
            raise _failed(
                study, f"{file} was downloaded, but it is not the pinned file."
            ) from error
        except OSError as error:
            raise InputError.of(
                "not-writable",
                str(folder),
                f"the study cannot be stored here ({error.strerror or error}).",
                "Choose another cache folder.",
            ) from error
    if on_progress is not None:
        on_progress(total, total)
    return folder


def _failed(study: PublicStudy, reason: str) -> InputError:
    return InputError.of(
        "download",
        study.name,
        reason,
        f"Run it again when online, or set {DATA_DIR_VARIABLE} to a folder that has "
        "the files.",
    )


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code}"
    return type(error).__name__


@contextmanager
def _silent(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from naming every file on standard error."""
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
