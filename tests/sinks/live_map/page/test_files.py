"""The page's data and what it borrows from others."""

import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from sinks.live_map.page_files import PAGE

ROOT = Path(__file__).resolve().parents[4]
VENDOR = PAGE / "vendor"
VENDORED = json.loads((VENDOR / "vendored.json").read_text())
LAND = json.loads((ROOT / "simulator/land.json").read_text())
BASE = json.loads((PAGE / "base.json").read_text())


@pytest.mark.parametrize("library", VENDORED, ids=lambda library: library["name"])
def test_vendored_files_are_the_ones_listed(library: dict) -> None:
    assert library["version"]
    assert library["licence"]
    for path, checksum in library["files"].items():
        assert hashlib.sha256((VENDOR / path).read_bytes()).hexdigest() == checksum, path


def test_every_vendored_file_is_listed() -> None:
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    listed = {path for library in VENDORED for path in library["files"]}
    assert found == listed | {"vendored.json"}


def test_leaflet_is_the_version_that_is_listed() -> None:
    text = (VENDOR / "leaflet/leaflet.js").read_text()
    assert "Leaflet 1.9.4" in text[:100]


@pytest.mark.parametrize(
    "path",
    [path for path in PAGE.rglob("*")
     if path.suffix in {".html", ".js", ".css"} and VENDOR not in path.parents],
    ids=lambda path: path.relative_to(PAGE).as_posix(),
)  # fmt: skip
def test_the_page_names_no_other_host(path: Path) -> None:
    assert re.findall(r"(?:https?:)?//\w[\w-]*\.\w+", path.read_text()) == []


def test_the_page_has_nothing_inline() -> None:
    html = (PAGE / "index.html").read_text()
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", html)


def test_every_module_is_asked_for_at_once() -> None:
    """Otherwise the browser learns of each only from the one that imports it."""
    html = (PAGE / "index.html").read_text()
    asked = re.findall(r'<link rel="modulepreload" href="page/([^"]+)">', html)
    modules = {path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.js")}
    vendored = {name for name in modules if name.startswith("vendor/")}
    assert sorted(asked) == sorted(modules - vendored - {"main.js"})


def is_inside(ring: list, longitude: float, latitude: float) -> bool:
    """Whether an eastward ray crosses the ring an odd number of times."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > latitude) != (y2 > latitude):
            crossings += x1 + (latitude - y1) / (y2 - y1) * (x2 - x1) > longitude
    return crossings % 2 == 1


def is_land(longitude: float, latitude: float) -> bool:
    return any(
        is_inside(polygon["exterior"], longitude, latitude)
        and not any(is_inside(hole, longitude, latitude) for hole in polygon["holes"])
        for polygon in LAND["polygons"]
    )


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "expected"),
    [
        ("the start", -73.985184, 40.749167, True),
        ("Central Park", -73.965, 40.782, True),
        ("the Bronx", -73.88, 40.85, True),
        ("Brooklyn", -73.95, 40.65, True),
        ("Queens", -73.83, 40.72, True),
        ("Staten Island", -74.15, 40.58, True),
        ("Newark", -74.17, 40.735, True),
        ("Hoboken", -74.033, 40.745, True),
        ("Yonkers", -73.88, 40.935, True),
        ("the Hudson off 42nd Street", -74.009, 40.764, False),
        ("the Hudson off Yonkers", -73.915, 40.93, False),
        ("the East River at the United Nations", -73.964, 40.749, False),
        ("the Upper Bay", -74.045, 40.66, False),
        ("the Atlantic", -73.8, 40.52, False),
        ("Long Island Sound", -73.74, 40.86, False),
    ],
)
def test_land_is_land(place: str, longitude: float, latitude: float, expected: bool) -> None:
    assert is_land(longitude, latitude) is expected, place


def test_land_is_small_closed_and_in_its_box() -> None:
    assert (ROOT / "simulator/land.json").stat().st_size < 100_000
    assert LAND["source"]
    for polygon in LAND["polygons"]:
        for ring in (polygon["exterior"], *polygon["holes"]):
            assert len(ring) >= 4
            assert ring[0] == ring[-1]
            assert all(-74.35 <= x <= -73.65 and 40.48 <= y <= 40.95 for x, y in ring)


def test_base_rings_are_closed_and_on_earth() -> None:
    shapes = BASE["land"] + BASE["surroundings"] + BASE["parks"] + BASE["airports"]
    for ring in (ring for shape in shapes for ring in shape):
        x, y = sum(ring[2::2]), sum(ring[3::2])
        assert (x, y) == (0, 0), "the steps lead back to where they began"
        assert -18_000_000 <= ring[0] <= 18_000_000
        assert -9_000_000 <= ring[1] <= 9_000_000


def test_base_names_what_one_orients_oneself_by() -> None:
    names = {name for _, name, _, _ in BASE["places"]}
    assert {"Manhattan", "Brooklyn", "New Jersey", "Hudson River", "Central Park"} <= names
