"""Makes simulator/land.json and the page's base.json out of published geodata: see README.md
beside this file.

Run once by a person when a source changes, in an environment of its own that has Shapely; the
program never does. It reads the files it is given and downloads nothing. Inside the five boroughs
the city's own shoreline holds; everywhere else Natural Earth's, which is coarser by far.
"""

import argparse
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import shapely  # type: ignore[import-untyped]

Geometry = Any
Json = Any

FINE_BOX: Final = (-74.35, 40.48, -73.65, 40.95)
"""Where unicorns live: lon, lat of the south-west and the north-east corner."""
MIDDLE_BOX: Final = (-79.0, 37.0, -69.0, 44.5)
"""What one sees of the surroundings after zooming out; beyond it the coarse world is enough."""

FINE_M: Final = 12.0
MIDDLE_M: Final = 250.0
"""About how far simplification may move a line of the page's map, in metres."""
WALK_M: Final = 20.0
"""Likewise for the simulator's land, which nobody looks at."""

CRACK_M: Final = 20.0
"""Cracks between neighbourhoods up to this width are mistakes of the source."""
RIVER_M: Final = 2_500.0
"""Water between boroughs is narrower than this, so the city's shoreline decides it, not Natural
Earth's."""
KILL_M: Final = 250.0
"""New Jersey keeps this far from Staten Island and Manhattan: the true channels are wider."""
SLIVER_M: Final = 150.0
"""Natural Earth's land outside the boroughs is dropped where it is thinner than twice this."""
SEAM_M: Final = 150.0
"""Gaps up to twice this between the city's eastern boroughs and their neighbours on land are
closed."""
OVERLAP_M: Final = 200.0
POND_M2: Final = 1_000_000.0
"""Smaller holes in the land are where two sources disagree, not water."""

ORIGIN: Final = (-74.0, 40.7)
METRES_PER_DEGREE: Final = (111_320.0 * math.cos(math.radians(ORIGIN[1])), 111_132.0)

SOURCE: Final = (
    "New York City: 2020 Neighborhood Tabulation Areas, Department of City Planning, simplified; "
    "elsewhere: Natural Earth 4.1.0 land 1:10m. See sinks/live_map/base_map/README.md."
)

AREA_KINDS: Final = {"7": "park", "8": "airport", "9": "park"}
"""The city's neighbourhood types that are not streets and houses: cemeteries count as green."""

PLACES: Final = [
    ["borough", "Manhattan", -73.969, 40.7825],
    ["borough", "Brooklyn", -73.949, 40.645],
    ["borough", "Queens", -73.815, 40.715],
    ["borough", "The Bronx", -73.865, 40.849],
    ["borough", "Staten Island", -74.150, 40.580],
    ["borough", "New Jersey", -74.150, 40.800],
    ["town", "Jersey City", -74.068, 40.719],
    ["town", "Hoboken", -74.032, 40.745],
    ["town", "Newark", -74.174, 40.735],
    ["town", "Elizabeth", -74.211, 40.664],
    ["town", "Hackensack", -74.043, 40.886],
    ["town", "Yonkers", -73.870, 40.938],
    ["water", "Hudson River", -73.996, 40.800],
    ["water", "Upper Bay", -74.040, 40.668],
    ["water", "Lower Bay", -74.080, 40.520],
    ["water", "Jamaica Bay", -73.850, 40.607],
    ["water", "Atlantic Ocean", -73.800, 40.520],
]
"""Names to orient oneself by, placed by hand: kind, name, lon, lat."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--land-10m", type=Path, required=True, help="world-atlas land-10m.json")
    arguments.add_argument(
        "--land-110m", type=Path, required=True, help="world-atlas land-110m.json"
    )
    arguments.add_argument("--neighbourhoods", type=Path, required=True, help="NTAs as GeoJSON")
    arguments.add_argument("--land", type=Path, required=True, help="simulator/land.json, to write")
    arguments.add_argument("--base", type=Path, required=True, help="page/base.json, to write")
    given = arguments.parse_args()

    areas = neighbourhoods(given.neighbourhoods)
    city = shapely.union_all([area["shape"] for area in areas])
    detailed = topojson_land(given.land_10m)
    land = shapely.intersection(land_round(city, detailed), metric_box(FINE_BOX))
    write(given.land, land_document(shapely.simplify(land, WALK_M)))
    write(given.base, base_document(land, areas, detailed, topojson_land(given.land_110m)))


def neighbourhoods(path: Path) -> list[dict[str, Any]]:
    """Name, kind, borough and simplified shape of each; shared borders stay shared."""
    features = json.loads(path.read_text())["features"]
    shapes = [
        to_metres(shapely.from_geojson(json.dumps(feature["geometry"]))) for feature in features
    ]
    # The tolerance of coverage_simplify is the square root of an area: twice the distance is alike.
    matched = shapely.coverage_clean(shapes, gap_width=CRACK_M, snapping_distance=0.5)
    simplified = shapely.coverage_simplify(matched, 2 * FINE_M)
    return [
        {
            "name": feature["properties"]["name"],
            "kind": AREA_KINDS.get(feature["properties"]["nta_type"], "quarter"),
            "borough": feature["properties"]["borough"],
            "shape": shape,
        }
        for feature, shape in zip(features, simplified, strict=True)
    ]


def land_round(city: Geometry, detailed: Geometry) -> Geometry:
    """The city's land, and Natural Earth's where the city has no say."""
    near = shapely.intersection(detailed, metric_box(FINE_BOX).buffer(10_000))
    # Islands that the city knows better: Manhattan, Staten Island and smaller ones.
    neighbours = shapely.union_all(
        [
            part
            for part in shapely.get_parts(near)
            if shapely.intersection(part, city).area < part.area / 2
        ]
    )
    city_waters = city.buffer(RIVER_M / 2).buffer(-RIVER_M / 2)
    west = shapely.union_all([part for part in shapely.get_parts(city) if faces_new_jersey(part)])
    rest = shapely.difference(neighbours, shapely.union(city_waters, west.buffer(KILL_M)))
    rest = rest.buffer(-SLIVER_M, join_style="mitre").buffer(SLIVER_M, join_style="mitre")
    east = shapely.difference(city, west)
    seam = shapely.intersection(east.buffer(SEAM_M), rest.buffer(SEAM_M))
    return without_ponds(shapely.union_all([city, rest, seam]))


def faces_new_jersey(part: Geometry) -> bool:
    """Whether a part of the city lies west of the East River: Manhattan, Staten Island, the
    islands in the bay."""
    return bool(from_metres(part.centroid).x < -73.93 and part.area < 2e8)


def without_ponds(land: Geometry) -> Geometry:
    return shapely.union_all(
        [
            shapely.Polygon(
                part.exterior,
                [hole for hole in part.interiors if shapely.Polygon(hole).area >= POND_M2],
            )
            for part in shapely.get_parts(land)
        ]
    )


def land_document(land: Geometry) -> Json:
    return {
        "source": SOURCE,
        "polygons": [
            {"exterior": ring(part.exterior), "holes": [ring(hole) for hole in part.interiors]}
            for part in polygons(from_metres(land))
        ],
    }


def base_document(
    land: Geometry, areas: list[dict[str, Any]], detailed: Geometry, world: Geometry
) -> Json:
    fine_box, middle_box = metric_box(FINE_BOX), metric_box(MIDDLE_BOX)
    middle = shapely.simplify(shapely.intersection(detailed, middle_box), MIDDLE_M)
    # Each reaches a little under the next, or a hairline of sea would show between them.
    middle = shapely.difference(middle, fine_box.buffer(-OVERLAP_M))
    surroundings = shapely.union(middle, shapely.difference(world, middle_box.buffer(-OVERLAP_M)))
    boroughs: dict[str, list[Geometry]] = {area["borough"]: [] for area in areas}
    for area in areas:
        boroughs[area["borough"]].append(area["shape"])
    quarter_borders = shapely.union_all([area["shape"].boundary for area in areas])
    borough_borders = shapely.union_all(
        [shapely.union_all(shapes).boundary for shapes in boroughs.values()]
    )
    cuts = shapely.union(fine_box.boundary, middle_box.boundary)
    return {
        "land": [rings(part) for part in polygons(from_metres(land))],
        "surroundings": [rings(part) for part in polygons(from_metres(surroundings))],
        "coast": without(land.boundary, cuts)
        + without(shapely.difference(middle, fine_box).boundary, cuts)
        + without(shapely.difference(world, middle_box).boundary, cuts),
        "borough_borders": without(borough_borders, land.boundary),
        "quarter_borders": without(quarter_borders, borough_borders),
        "parks": kind_rings(areas, "park"),
        "airports": kind_rings(areas, "airport"),
        "places": PLACES + [[area["kind"], area["name"], *label(area["shape"])] for area in areas],
    }


def kind_rings(areas: list[dict[str, Any]], kind: str) -> list[Json]:
    return [
        rings(part)
        for area in areas
        if area["kind"] == kind
        for part in polygons(from_metres(area["shape"]))
    ]


def without(drawn: Geometry, other: Geometry) -> list[Json]:
    """The lines of `drawn` that do not run along those of `other`."""
    return lines(shapely.difference(drawn, other.buffer(2)))


def label(shape: Geometry) -> list[float]:
    """Where its name stands: the centre of the largest circle that fits in."""
    circle = shapely.maximum_inscribed_circle(shape, tolerance=20)
    return point(from_metres(shapely.get_point(circle, 0)).coords[0])


def topojson_land(path: Path) -> Geometry:
    """The `land` of a world-atlas TopoJSON file, in metres."""
    topology = json.loads(path.read_text())
    arcs = [list(unpack(arc, topology["transform"])) for arc in topology["arcs"]]

    def closed(indices: list[int]) -> list[tuple[float, float]]:
        joined: list[tuple[float, float]] = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            joined += arc[1:] if joined else arc
        return joined

    parts = []
    for geometry in topology["objects"]["land"]["geometries"]:
        nested = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in nested:
            shell, *holes = [closed(indices) for indices in polygon]
            if len(shell) >= 4:
                parts.append(shapely.Polygon(shell, [hole for hole in holes if len(hole) >= 4]))
    return shapely.union_all([to_metres(part).buffer(0) for part in parts])


def unpack(arc: list[list[int]], transform: Json) -> Iterator[tuple[float, float]]:
    """TopoJSON's quantized steps as lon, lat."""
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield (
            x * transform["scale"][0] + transform["translate"][0],
            y * transform["scale"][1] + transform["translate"][1],
        )


def to_metres(shape: Geometry) -> Geometry:
    """A flat projection that is true round New York, where distances matter."""
    return shapely.transform(shape, lambda lon_lat: (lon_lat - ORIGIN) * METRES_PER_DEGREE)


def from_metres(shape: Geometry) -> Geometry:
    return shapely.transform(shape, lambda metres: metres / METRES_PER_DEGREE + ORIGIN)


def metric_box(corners: tuple[float, float, float, float]) -> Geometry:
    return to_metres(shapely.box(*corners))


def polygons(shape: Geometry, area_min: float = 2e-6) -> Iterator[Geometry]:
    """Its polygons, without those under `area_min` square degrees (2e-6 is about two hectares)."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and part.area > area_min:
            yield part


def lines(shape: Geometry) -> list[Json]:
    merged = shapely.line_merge(shape) if shape.geom_type != "LineString" else shape
    return [
        steps(part.coords)
        for part in shapely.get_parts(from_metres(merged))
        if part.geom_type == "LineString"
    ]


def rings(polygon: Geometry) -> list[Json]:
    """The shell and then the holes, as `steps`."""
    return [steps(closed.coords) for closed in (polygon.exterior, *polygon.interiors)]


def steps(positions: Iterable[tuple[float, ...]]) -> list[int]:
    """x, y of the first position, then how far on each next one is, in 1e-5 degrees: a third of
    the size of plain coordinates."""
    flat, at_x, at_y = [], 0, 0
    for position in positions:
        x, y = round(position[0] * 1e5), round(position[1] * 1e5)
        flat += [x - at_x, y - at_y]
        at_x, at_y = x, y
    return flat


def ring(closed: Geometry) -> Json:
    return [point(position) for position in closed.coords]


def point(position: tuple[float, ...]) -> list[float]:
    """Five decimals are about a metre."""
    return [round(position[0], 5), round(position[1], 5)]


def write(path: Path, document: Json) -> None:
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
