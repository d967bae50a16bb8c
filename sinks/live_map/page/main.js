// The page, put together.

import { NEW_YORK, addBaseMap, createMap } from "./map/base_map.js";
import { Feed } from "./feed/connection.js";
import { Fleet } from "./feed/fleet.js";
import { onKeys } from "./keyboard.js";
import { showLegend } from "./legend.js";
import { Panel } from "./panel.js";
import { Playback } from "./feed/playback.js";
import { Search } from "./search.js";
import { showConnection, showCounts } from "./status.js";
import { UnicornLayer } from "./map/unicorn_layer.js";

const L = globalThis.L;
const element = (id) => document.getElementById(id);

const SILENT_MS = 5_000;
const REFRESH_MS = 500;
const CLOSE_ZOOM = 15;
const FIT_ZOOM_MAX = 13.5;

const fleet = new Fleet();
const playback = new Playback();
const map = createMap(element("map"));
const layer = new UnicornLayer(fleet, playback).addTo(map);
const age = (unicorn) => playback.serverTime(performance.now()) - fleet.seen[unicorn];
const panel = new Panel(fleet, age, { onClose: () => select(undefined), onCentre: () => flyTo(layer.selected) });
const search = new Search(namesOnTheMap, (unicorn) => {
  select(unicorn);
  flyTo(unicorn);
});

// The view follows the first unicorns, unless somebody has begun to look around.
let isFitted = false;
let goneAfter = Infinity; // the feed says when a unicorn is gone

function select(unicorn) {
  if (unicorn === undefined && element("panel").contains(document.activeElement)) element("map").focus();
  layer.selected = unicorn;
  panel.show(unicorn);
  element("announcement").textContent = unicorn === undefined ? "" : `${fleet.names[unicorn]} selected`;
}

function flyTo(unicorn) {
  map.setView(layer.position(unicorn), Math.max(map.getZoom(), CLOSE_ZOOM));
}

const present = () => fleet.list.subarray(0, fleet.size);

function* namesOnTheMap() {
  for (const unicorn of present()) yield [unicorn, fleet.names[unicorn] ?? ""];
}

/** Goes `step` places on from the selected unicorn, in the order of names. */
function selectBeside(step) {
  const sorted = [...namesOnTheMap()].sort((a, b) => a[1].localeCompare(b[1]));
  if (!sorted.length) return;
  const at = sorted.findIndex(([unicorn]) => unicorn === layer.selected);
  const next = at < 0 && step < 0 ? sorted.length - 1 : (at + step + sorted.length) % sorted.length;
  select(sorted[next][0]);
  map.panInside(layer.position(sorted[next][0]), { padding: [80, 80] });
}

function showAll(options) {
  const positions = Array.from(present()).map((unicorn) => layer.position(unicorn));
  if (!positions.length) map.fitBounds(NEW_YORK);
  else map.fitBounds(L.latLngBounds(positions), { ...clearOfCards(), maxZoom: FIT_ZOOM_MAX, ...options });
}

// What the cards along the edges leave free.
function clearOfCards() {
  const below = (id) => element(id).getBoundingClientRect();
  const top = below("bar").bottom;
  const bottom = innerHeight - below("foot").top;
  return { paddingTopLeft: [40, top + 30], paddingBottomRight: [40, bottom + 30] };
}

function refresh() {
  fleet.dropSilentSince(playback.serverTime(performance.now()) - goneAfter);
  let silent = 0;
  for (const unicorn of present()) if (age(unicorn) > SILENT_MS) silent += 1;
  showCounts(fleet.size, silent);
  if (layer.selected !== undefined && !fleet.isPresent(layer.selected)) select(undefined);
  panel.refresh();
  element("map").dataset.inView = layer.count();
}

map.on("click", (event) => select(layer.pick(event.containerPoint)));
map.on("mousemove", (event) => {
  element("map").style.cursor = layer.pick(event.containerPoint, 2) === undefined ? "" : "pointer";
});
for (const type of ["pointerdown", "wheel", "keydown"]) {
  element("map").addEventListener(type, () => (isFitted = true), { once: true, passive: true });
}

element("zoom-in").addEventListener("click", () => map.zoomIn());
element("zoom-out").addEventListener("click", () => map.zoomOut());
element("show-all").addEventListener("click", () => showAll());
onKeys(element("map"), {
  "/": () => search.focus(),
  n: () => selectBeside(1),
  p: () => selectBeside(-1),
  f: () => showAll(),
  Escape: () => select(undefined),
  Enter: () => {
    const size = map.getSize();
    select(layer.pick(size.divideBy(2), Math.max(size.x, size.y)));
  },
});

showLegend();
setInterval(refresh, REFRESH_MS);
addBaseMap(map, "page/base.json");

const url = new URL("feed", document.baseURI);
url.protocol = url.protocol.replace("http", "ws");
new Feed(url, {
  state: showConnection,
  hello: ({ feed, gone_after_ms: goneAfterMs }) => {
    goneAfter = goneAfterMs;
    // Ids of another feed mean other unicorns.
    if (feed !== fleet.feed) select(undefined);
    fleet.greet(feed);
  },
  names: (first, names) => fleet.learn(first, names),
  frame: (frame, receivedAt) => {
    const gapMs = fleet.take(frame);
    playback.observe(frame, receivedAt, gapMs);
    if (!isFitted && fleet.size) {
      isFitted = true;
      showAll({ animate: false });
    }
    refresh();
  },
});
