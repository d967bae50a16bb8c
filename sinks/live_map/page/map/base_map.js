// The map under the unicorns: Leaflet, with land, parks, borders and names from a file of our own; no tiles.

import { cssColour, onThemeChange } from "../theme.js";

const L = globalThis.L;

/** New York and its neighbours: what is shown before there is anything else to show. */
export const NEW_YORK = L.latLngBounds([40.56, -74.13], [40.9, -73.76]);

// Which names stand at which zoom, and what style.css calls them.
const NAME_ZOOMS = {
  borough: [9.5, 12.9],
  town: [11, 20],
  water: [11, 16],
  park: [13, 20],
  airport: [12, 20],
  quarter: [13, 20],
};
// More names than this at once are clutter.
const NAMES_MAX = 60;
// How wide style.css lets a name be, and about how much of that a character and a line take.
const NAME_PX = { width: 110, character: 6.5, line: 15 };

// Leaflet lets a zoom be switched off as an animation, but not a move.
const StillMap = L.Map.extend({
  panBy(offset, options) {
    return L.Map.prototype.panBy.call(this, offset, { ...options, animate: false });
  },
});

/** The Leaflet map in `element`, without data as yet. */
export function createMap(element) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const Kind = calm ? StillMap : L.Map;
  return new Kind(element, {
    attributionControl: false,
    zoomControl: false,
    fadeAnimation: false,
    zoomAnimation: !calm,
    inertia: !calm,
    minZoom: 2,
    maxZoom: 18,
    zoomSnap: 0.5,
    wheelPxPerZoomLevel: 110,
    worldCopyJump: false,
    maxBounds: [
      [-89, -200],
      [89, 200],
    ],
  }).fitBounds(NEW_YORK);
}

/** Loads the base data and puts it under everything else. */
export async function addBaseMap(map, url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const base = await response.json();
  // Below the tiles, if there are any: it is what one sees while they are missing.
  map.createPane("base").style.zIndex = 150;
  const renderer = L.canvas({ padding: 0.5, pane: "base" });
  const shape = (Kind, rings, style) => {
    const layer = new Kind(rings, { renderer, pane: "base", interactive: false, smoothFactor: 0.6, ...style });
    return layer.addTo(map);
  };
  const filled = (polygons) => {
    const rings = polygons.map((polygon) => polygon.map(positions));
    return shape(L.Polygon, rings, { stroke: false, fillOpacity: 1 });
  };
  const drawn = (lines, weight) => shape(L.Polyline, lines.map(positions), { weight });
  const layers = [
    ["land", filled(base.surroundings)],
    ["land", filled(base.land)],
    ["park", filled(base.parks)],
    ["airport", filled(base.airports)],
    ["quarter", drawn(base.quarter_borders, 1)],
    ["border", drawn(base.borough_borders, 1.6)],
    ["coast", drawn(base.coast, 1)],
  ];
  const paint = () => {
    for (const [name, layer] of layers) {
      const colour = cssColour(`map-${name}`);
      layer.setStyle({ color: colour, fillColor: colour });
    }
  };
  paint();
  onThemeChange(paint);
  addNames(map, base.places);
}

// Leaflet cancels a tile that is no longer wanted by giving it an inline picture, which the page's policy forbids; having
// no address cancels it as well.
const Tiles = L.TileLayer.extend({
  _abortLoading() {
    for (const [key, { coords, el }] of Object.entries(this._tiles)) {
      if (coords.z !== this._tileZoom && !el.complete) this._removeTile(key);
    }
  },

  _removeTile(key) {
    this._tiles[key]?.el.removeAttribute("src");
    L.GridLayer.prototype._removeTile.call(this, key);
  },
});

/** Puts an operator's tiles over the base map, and says where they come from. */
export function addTiles(map, { url, attribution }) {
  // Some providers refuse whoever does not say which site asks.
  const options = { maxZoom: map.getMaxZoom(), referrerPolicy: "origin", className: "tiles" };
  const tiles = new Tiles(url, options).addTo(map);
  tiles.once("tileload", () => map.getContainer().classList.add("has-tiles"));
  document.getElementById("credit").append(` · Tiles: ${attribution}`);
}

// Steps of 1e-5 degrees from one position to the next, to Leaflet's latitude and longitude.
function positions(steps) {
  const out = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    out.push([y / 1e5, x / 1e5]);
  }
  return out;
}

function addNames(map, places) {
  map.createPane("names").style.pointerEvents = "none";
  map.getPane("names").style.zIndex = 420;
  const markers = places.map(([kind, name, longitude, latitude]) => {
    const text = document.createElement("span");
    text.textContent = name;
    const icon = L.divIcon({ className: `place ${kind}`, html: text, iconSize: [0, 0] });
    const marker = L.marker([latitude, longitude], { icon, pane: "names", interactive: false, keyboard: false });
    return { kind, marker, half: halfSize(name) };
  });
  // By zoom and not by what is in view: a name must not come and go while the map is dragged.
  const free = new Map();
  const show = () => {
    const zoom = map.getZoom();
    const bounds = map.getBounds().pad(0.1);
    if (!free.has(zoom)) free.set(zoom, withRoom(map, zoom, markers));
    let shown = 0;
    for (const name of markers) {
      const { marker } = name;
      const fits = free.get(zoom).has(name) && shown < NAMES_MAX && bounds.contains(marker.getLatLng());
      if (fits) shown += 1;
      if (fits !== map.hasLayer(marker)) fits ? marker.addTo(map) : marker.remove();
    }
  };
  map.on("moveend", show);
  show();
}

// Half of about what a name covers, in pixels.
function halfSize(name) {
  const length = name.length * NAME_PX.character;
  const lines = Math.ceil(length / NAME_PX.width);
  return { x: Math.min(length, NAME_PX.width) / 2, y: (lines * NAME_PX.line) / 2 };
}

// The names of a zoom that do not stand on one another; of two that would, the one that comes first in the data.
function withRoom(map, zoom, names) {
  const placed = [];
  for (const name of names) {
    const [from, to] = NAME_ZOOMS[name.kind];
    if (zoom < from || zoom > to) continue;
    const at = map.project(name.marker.getLatLng(), zoom);
    const isFree = placed.every(
      (other) =>
        Math.abs(at.x - other.at.x) >= name.half.x + other.half.x || Math.abs(at.y - other.at.y) >= name.half.y + other.half.y,
    );
    if (isFree) placed.push({ name, at, half: name.half });
  }
  return new Set(placed.map(({ name }) => name));
}
