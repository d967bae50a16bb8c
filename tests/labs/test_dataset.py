"""Data for a lab: given, public with a checksum, or generated, and every output says which."""

import hashlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fleet.errors import ConfigError
from labs.dataset import Dataset, PublicFile

RIDES = b"name,distance\nBucephalus,300\n"


def generate(folder: Path, seed: int) -> None:
    (folder / "rides.csv").write_text(f"made with {seed}\n")


def rides(public=None):
    return Dataset("rides", ("rides.csv",), "rides of no unicorn", generate, "the stable", public)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server on loopback, with its folder."""
    folder = tmp_path / "web"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def obtain(tmp_path: Path):
    said: list[str] = []

    def obtain(dataset, **options):
        given = {"data": None, "generated": False, "seed": 7} | options
        found = dataset.obtain(
            folder=tmp_path / "made", say=said.append, cache=tmp_path / "cache", **given
        )
        return found, said

    return obtain


def test_a_given_file_is_used_as_it_is(tmp_path: Path, obtain) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(RIDES)
    data, _ = obtain(rides(), data=file)
    assert data.files == {"rides.csv": file}
    assert data.origin.kind == "given"
    assert str(file) in data.origin.sentence


def test_a_folder_without_the_file_is_refused(tmp_path: Path, obtain) -> None:
    with pytest.raises(ConfigError, match=r"has no rides\.csv") as caught:
        obtain(rides(), data=tmp_path)
    assert "--data takes rides.csv" in (caught.value.remedy or "")


def test_a_file_where_a_folder_is_needed(tmp_path: Path, obtain) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(RIDES)
    dataset = Dataset("rides", ("rides.csv", "walks.csv"), "rides and walks", generate)
    with pytest.raises(ConfigError, match="is a file, not a folder"):
        obtain(dataset, data=file)


def test_generated_data_is_called_so(obtain) -> None:
    data, said = obtain(rides())
    assert data.files["rides.csv"].read_text() == "made with 7\n"
    assert data.origin.sentence == "GENERATED DATA, not real data: rides of no unicorn, seed 7."
    assert said == [data.origin.sentence]


def test_a_public_file_is_fetched_once(web, obtain, capfd) -> None:
    url, folder = web
    (folder / "rides.csv").write_bytes(RIDES)
    checksum = hashlib.sha256(RIDES).hexdigest()
    dataset = rides({"rides.csv": PublicFile(f"{url}/rides.csv", checksum)})
    data, said = obtain(dataset)
    assert (data.files["rides.csv"].read_bytes(), data.origin.kind) == (RIDES, "public")
    (folder / "rides.csv").unlink()
    again, _ = obtain(dataset)
    assert again.files == data.files
    assert said == [f"fetching {url}/rides.csv"]
    assert capfd.readouterr() == ("", ""), "the library keeps its advice to itself"


def test_a_member_of_a_zip_has_the_checksum(web, obtain) -> None:
    url, folder = web
    with zipfile.ZipFile(folder / "stable.zip", "w") as archive:
        archive.writestr("stable/rides.csv", RIDES)
    checksum = "md5:" + hashlib.md5(RIDES).hexdigest()
    file = PublicFile(f"{url}/stable.zip", checksum, member="stable/rides.csv")
    data, _ = obtain(rides({"rides.csv": file}))
    assert data.files["rides.csv"].read_bytes() == RIDES


def test_a_member_is_found_in_an_archive_inside_the_archive(web, obtain) -> None:
    url, folder = web
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("stable/rides.csv", RIDES)
        # What macOS leaves in archives.
        archive.writestr("__MACOSX/stable/._rides.csv", b"")
    with zipfile.ZipFile(folder / "stables.zip", "w") as archive:
        archive.writestr("readme.txt", b"two stables")
        archive.writestr("stable.zip", inner.getvalue())
    checksum = hashlib.sha256(RIDES).hexdigest()
    file = PublicFile(f"{url}/stables.zip", checksum, member="rides.csv")
    data, said = obtain(rides({"rides.csv": file}))
    assert data.files["rides.csv"].read_bytes() == RIDES
    missing = PublicFile(f"{url}/stables.zip", checksum, member="walks.csv")
    data, said = obtain(rides({"walks.csv": missing}))
    assert said[-2].endswith(": its archive holds no walks.csv. Who has it gives it with --data")


def test_another_file_under_the_address_is_refused_and_not_kept(web, obtain) -> None:
    url, folder = web
    (folder / "rides.csv").write_bytes(b"anything else")
    file = PublicFile(f"{url}/rides.csv", hashlib.sha256(RIDES).hexdigest())
    for _ in range(2):
        with pytest.raises(ConfigError) as caught:
            obtain(rides({"rides.csv": file}))
        found = hashlib.sha256(b"anything else").hexdigest()
        assert str(caught.value) == (
            f"rides.csv of {url}/rides.csv is not the file that this lab was made with: its "
            f"checksum is {found}, not {file.checksum}"
        )


def test_without_the_public_source_data_is_generated_and_says_why(web, obtain) -> None:
    url, _ = web
    file = PublicFile(f"{url}/gone.csv", "00")
    data, said = obtain(rides({"rides.csv": file}))
    assert data.origin.kind == "generated"
    assert said[-2] == (
        f"rides.csv (checksum 00) cannot be fetched from {url}/gone.csv: 404 Client Error: File "
        f"not found for url: {url}/gone.csv. Who has it gives it with --data"
    )


def test_without_a_network_the_file_and_the_cause_are_named(obtain) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    url = f"http://127.0.0.1:{port}/rides.csv"
    data, said = obtain(rides({"rides.csv": PublicFile(url, "md5:00")}))
    assert data.origin.kind == "generated"
    assert said[-2] == (
        f"rides.csv (checksum md5:00) cannot be fetched from {url}: Connection refused. Who has it "
        "gives it with --data"
    )


def test_what_is_handed_on_tells_no_folder(tmp_path: Path, obtain) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(RIDES)
    data, _ = obtain(rides(), data=file)
    assert data.origin.public_sentence == "Data: mine.csv, as given."
    data, _ = obtain(rides())
    assert data.origin.public_sentence == data.origin.sentence


def test_no_public_source_is_asked_when_generated_data_is_wanted(web, obtain) -> None:
    url, _ = web
    data, said = obtain(rides({"rides.csv": PublicFile(f"{url}/x", "00")}), generated=True)
    assert data.origin.kind == "generated"
    assert len(said) == 1
