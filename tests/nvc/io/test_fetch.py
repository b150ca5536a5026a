"""Fetching a study from a server on this machine; no test leaves it."""

from __future__ import annotations

import hashlib
import socket
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nvc.errors import InputError
from nvc.io.fetch import PublicStudy, fetch, find_local, list_public_studies

FILES = {f"slice{n}.dcm": f"content {n}".encode() for n in range(4)}


@pytest.fixture(autouse=True)
def no_data_dir(monkeypatch):
    monkeypatch.delenv("NVC_DATA_DIR", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def made_study(base_url: str) -> dict[str, PublicStudy]:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    study = PublicStudy(
        name="made", base_url=base_url, digests=digests, licence="", citation=""
    )
    return {"made": study}


class Server:
    """Serves a folder and remembers what was asked for."""

    def __init__(self, folder) -> None:
        asked = self.asked = []

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *arguments) -> None:
                super().__init__(*arguments, directory=str(folder))

            def log_message(self, form: str, *arguments: object) -> None:
                asked.append(self.path.rsplit("/", maxsplit=1)[-1])

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def served(tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    server = Server(folder)
    yield server, folder
    server.stop()


def content(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_file_is_downloaded_once(tmp_path, served, capsys):
    server, _ = served
    studies = made_study(server.url)
    seen = []
    folder = fetch(
        "made", tmp_path / "c", on_progress=lambda *n: seen.append(n), studies=studies
    )
    assert content(folder) == FILES
    assert seen == [(n, 4) for n in range(5)]
    assert sorted(server.asked) == sorted(FILES)
    assert fetch("made", tmp_path / "c", studies=studies) == folder
    assert len(server.asked) == len(FILES)
    assert capsys.readouterr().err == ""


def test_a_download_goes_on_where_it_stopped(tmp_path, served):
    server, source = served
    studies = made_study(server.url)
    (source / "slice2.dcm").unlink()
    with pytest.raises(InputError) as caught:
        fetch("made", tmp_path / "c", studies=studies)
    message = str(caught.value)
    assert "2 of 4 files are there" in message
    assert "404" in message
    assert "\n" not in message
    (source / "slice2.dcm").write_bytes(FILES["slice2.dcm"])
    server.asked.clear()
    assert content(fetch("made", tmp_path / "c", studies=studies)) == FILES
    assert sorted(server.asked) == ["slice2.dcm", "slice3.dcm"]


def test_a_damaged_file_in_the_cache_is_replaced(tmp_path, served):
    server, _ = served
    studies = made_study(server.url)
    folder = fetch("made", tmp_path / "c", studies=studies)
    (folder / "slice1.dcm").write_bytes(b"cut")
    assert content(fetch("made", tmp_path / "c", studies=studies)) == FILES


def test_another_file_than_the_pinned_one_is_refused(tmp_path, served):
    server, source = served
    (source / "slice1.dcm").write_bytes(b"something else")
    with pytest.raises(InputError, match="not the pinned file") as caught:
        fetch("made", tmp_path / "c", studies=made_study(server.url))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "c" / "made" / "slice1.dcm").exists()


def test_offline_is_told_in_one_line(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(InputError) as caught:
            fetch(
                "made",
                tmp_path / "c",
                studies=made_study(f"http://127.0.0.1:{port}/"),
            )
    message = str(caught.value)
    assert "no connection" in message
    assert "NVC_DATA_DIR" in message
    assert "\n" not in message


def test_files_that_are_already_there_are_used(tmp_path, monkeypatch):
    studies = made_study("http://127.0.0.1:9/")
    deep = tmp_path / "data" / "heads" / "one"
    deep.mkdir(parents=True)
    for name, data in FILES.items():
        (deep / name).write_bytes(data)
    monkeypatch.setenv("NVC_DATA_DIR", str(tmp_path / "data"))
    assert fetch("made", tmp_path / "c", studies=studies) == deep
    (deep / "slice3.dcm").write_bytes(b"another")
    assert find_local(studies["made"]) is None


def test_an_unknown_name_is_told_with_a_near_one():
    with pytest.raises(InputError, match="Did you mean studyforrest-t1"):
        fetch("studyforest-t1")
    with pytest.raises(InputError, match="Known: studyforrest-t1"):
        fetch("qqq")


def test_a_cache_that_cannot_be_written_is_told(tmp_path, served):
    (tmp_path / "c").write_text("a file, not a folder")
    with pytest.raises(InputError) as caught:
        fetch("made", tmp_path / "c", studies=made_study(served[0].url))
    assert caught.value.problems[0].code == "not-writable"
    assert "\n" not in str(caught.value)


def test_the_pinned_digests_are_those_of_the_real_head(real_head):
    study = list_public_studies()["studyforrest-t1"]
    assert len(study.digests) == 384
    assert study.base_url.startswith("https://")
    assert find_local(study, real_head) == real_head
