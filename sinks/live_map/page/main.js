// The page, put together.

import { Connection } from "./feed/connection.js";
import { Fleet } from "./feed/fleet.js";
import { REST, ROWS } from "./feed/frame.js";
import { History } from "./feed/history.js";
import { Playback } from "./feed/playback.js";
import { Replay } from "./feed/replay.js";
import { Session } from "./feed/session.js";
import { onKeys } from "./keyboard.js";
import { Look, isNarrow } from "./look.js";
import { addBaseMap, addTiles, createMap } from "./map/base_map.js";
import { UnicornLayer } from "./map/unicorn_layer.js";
import { Alarms } from "./panels/alarms.js";
import { showLegend } from "./panels/legend.js";
import { List } from "./panels/list.js";
import { ReplayBar, clockTime } from "./panels/replay.js";
import { SignIn } from "./panels/sign_in.js";
import { showConnection, showCounts, showHidden, showMoment } from "./panels/status.js";
import { Panel } from "./panels/unicorn.js";
import { recall, remember } from "./settings.js";

const element = (id) => document.getElementById(id);

const SILENT_MS = 5_000;
const REFRESH_MS = 1_000;
const RETRY_MS = 2_000;
const THRESHOLD = 50;
// Fewer unicorns than this are sent whole, wherever one looks.
const CROWD = 1_000;

const fleet = new Fleet();
const playback = new Playback();
let clock = playback; // or the replay
let threshold = Number(recall("threshold") ?? THRESHOLD);
let goneAfterMs = Infinity; // the feed says when a unicorn is gone
let restMs = 0; // who is out of view may be told this much later

const serverTime = () => clock.serverTime(performance.now());
const age = (unicorn) => serverTime() - fleet.seen[unicorn];

// Where readings come from: the feed, or the archive.

const takes = {
  hello: greet,
  names: (first, names) => fleet.learn(first, names),
  status: (status) => (alarms.hidden = showHidden(status.hidden)),
  frame: takeFrame,
};
const session = new Session();
const connection = new Connection(feedUrl(), () => session.ticket(), { ...takes, state: onConnection });
const replay = new Replay({ ...takes, state: (state, error) => bar.showState(state, error) });

// What shows them.

const map = createMap(element("map"));
const layer = new UnicornLayer(fleet, playback).addTo(map);
const bar = new ReplayBar(replay, { open: goBack, close: goLive });
const look = new Look({
  map,
  layer,
  fleet,
  replayLink: () => bar.link(),
  on: { select: onSelect, follow: (isOn) => panel.showFollowing(isOn), replay: (times) => bar.open(times) },
});
const history = new History((name) => `unicorns/${encodeURIComponent(name)}/rows?last=30m`);
const panel = new Panel(fleet, age, history, {
  close: () => look.select(undefined),
  centre: () => look.flyTo(look.selected),
  follow: () => look.toggleFollow(),
  link: () => location.href,
});
const list = new List(fleet, passes, { choose, change: onListChange });
const alarms = new Alarms(fleet, { choose, showLow: () => list.filterBy("low") });
const signIn = new SignIn(session, enter);

function passes(filter, unicorn) {
  if (filter === "low") return fleet.health[unicorn] < threshold;
  if (filter === "silent") return isSilent(unicorn);
  return layer.isInView(unicorn);
}

function isSilent(unicorn) {
  const ageMs = age(unicorn);
  return ageMs > SILENT_MS && (ageMs > SILENT_MS + restMs || layer.isInView(unicorn));
}

function choose(unicorn) {
  look.select(unicorn);
  look.flyTo(unicorn);
  if (isNarrow()) showList(false);
}

// Who does not see the list hears how long it has become.
function onListChange() {
  list.refresh(true);
  element("announcement").textContent = element("list-count").textContent;
}

function onSelect(unicorn) {
  if (unicorn === undefined && element("panel").contains(document.activeElement)) element("map").focus();
  panel.show(unicorn);
  list.show(unicorn);
  element("announcement").textContent = unicorn === undefined ? "" : `${fleet.nameOf(unicorn)} selected`;
}

/** Goes `step` places on from the selected unicorn, in the order of the list. */
function selectBeside(step) {
  const unicorn = list.beside(step);
  if (unicorn !== undefined) look.selectNear(unicorn);
}

function showList(isShown) {
  element("sidebar").hidden = !isShown;
  element("list-toggle").setAttribute("aria-expanded", String(isShown));
  if (isShown) list.refresh(true);
}

function toggleList() {
  const isShown = element("sidebar").hidden;
  showList(isShown);
  remember("list", isShown ? "open" : "closed");
  if (isShown) element("query").focus();
}

function setThreshold(value) {
  if (!Number.isFinite(value)) return;
  threshold = value;
  remember("threshold", String(value));
  element("low-shown").textContent = String(value);
  refresh();
  list.refresh(true);
}

// Once a second, and when something has changed: all that is not drawn on the map.
function refresh() {
  const now = serverTime();
  fleet.dropSilentSince(now - goneAfterMs - restMs);
  const counts = { all: fleet.size, view: layer.count(), silent: 0, low: 0 };
  for (let i = 0; i < fleet.size; i++) {
    const unicorn = fleet.list[i];
    if (now - fleet.seen[unicorn] > SILENT_MS && isSilent(unicorn)) counts.silent += 1;
    if (fleet.health[unicorn] < threshold) counts.low += 1;
  }
  showCounts(fleet.size, counts.silent);
  list.showCounts(counts);
  if (look.selected !== undefined && !fleet.isPresent(look.selected)) look.select(undefined);
  panel.refresh();
  list.refresh();
  alarms.refresh(now, threshold, goneAfterMs);
  look.follow.step();
  if (clock === replay) {
    showConnection("replay");
    showMoment(`${clockTime(now)} UTC`);
  }
  element("map").dataset.inView = layer.count();
}

function feedUrl() {
  const url = new URL("feed", document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

function onConnection(state, detail) {
  showConnection(state, detail);
  if (state === "signed-out") signIn.open();
}

function greet(hello) {
  goneAfterMs = hello.gone_after_ms;
  restMs = hello.replay ? 0 : hello.rest_ticks * hello.interval_ms;
  // Ids of another feed mean other unicorns; a replay may begin before what was shown last.
  if (hello.replay) fleet.feed = undefined;
  if (hello.feed !== fleet.feed) look.remember();
  fleet.greet(hello.feed);
}

function takeFrame(frame, receivedAt) {
  if (frame.kind === ROWS) {
    fleet.takeRows(frame);
    if (clock === playback) panel.takeRows(frame);
    return;
  }
  const isFirst = fleet.size === 0;
  const gapMs = fleet.take(frame);
  if (clock === playback) playback.observe(frame, receivedAt, frame.kind === REST ? undefined : gapMs);
  look.meet();
  tellView();
  if (isFirst && fleet.size) refresh();
}

// In a crowd the server needs to tell only what one sees, and the rest now and then.
function tellView() {
  const bounds = map.getBounds();
  const edges = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  connection.look(fleet.size > CROWD ? edges.map((edge) => Number(edge.toFixed(4))) : null);
}

function setClock(next) {
  look.remember();
  clock = layer.playback = next;
  history.isOff = next === replay; // the rows are of the present
  fleet.greet(undefined);
}

function goBack() {
  connection.stop();
  setClock(replay);
}

function goLive() {
  setClock(playback);
  connection.start();
}

// What the operator has configured: tiles, and an archive to replay.
async function configure() {
  try {
    const { tiles, archive } = await (await fetch("page/config.json")).json();
    element("replay-toggle").hidden = !archive;
    await addBaseMap(map, "page/base.json");
    if (tiles) addTiles(map, tiles);
  } catch {
    // The server went away between the page and these: what they bring is worth another try.
    setTimeout(configure, RETRY_MS);
  }
}

/** Asks who may look; then lets in, or asks to sign in. */
async function begin() {
  try {
    await session.look();
  } catch {
    showConnection("waiting", RETRY_MS);
    setTimeout(begin, RETRY_MS);
    return;
  }
  if (session.isSignedIn) enter();
  else onConnection("signed-out");
}

function enter() {
  element("sign-out").hidden = session.mode === "none";
  if (!bar.isOpen) connection.start();
  look.openLink();
}

async function signOut() {
  connection.stop();
  fleet.greet(undefined);
  refresh();
  await session.signOut();
  showConnection("signed-out");
  signIn.open(true);
}

map.on("move", tellView);
const clicks = {
  "zoom-in": () => map.zoomIn(),
  "zoom-out": () => map.zoomOut(),
  "show-all": () => look.showAll(),
  "list-toggle": toggleList,
  "list-close": toggleList,
  "replay-toggle": () => bar.toggleOpen(),
  "sign-out": signOut,
};
for (const [id, action] of Object.entries(clicks)) element(id).addEventListener("click", action);
element("threshold").addEventListener("change", () => setThreshold(element("threshold").valueAsNumber));
onKeys(element("map"), {
  "/": () => {
    showList(true);
    element("query").focus();
    element("query").select();
  },
  n: () => selectBeside(1),
  p: () => selectBeside(-1),
  f: () => look.toggleFollow(),
  h: () => look.showAll(),
  l: toggleList,
  r: () => element("replay-toggle").hidden || bar.toggleOpen(),
  k: () => bar.isOpen && bar.toggle(),
  ",": () => bar.isOpen && bar.skip(-1),
  ".": () => bar.isOpen && bar.skip(1),
  Escape: () => look.select(undefined),
  Enter: () => look.selectMiddle(),
});

showLegend();
showList(!isNarrow() && recall("list") !== "closed");
element("threshold").value = String(threshold);
setThreshold(threshold);
setInterval(refresh, REFRESH_MS);
setInterval(() => bar.refresh(), REFRESH_MS / 4);
begin();
configure();
