// What one looks at: the unicorn that is selected, the part of the map that is shown, and the link that says both.

import { readLink, writeLink } from "./link.js";
import { NEW_YORK } from "./map/base_map.js";
import { Follow } from "./map/follow.js";
import { linkedTime } from "./panels/replay.js";

const L = globalThis.L;
const element = (id) => document.getElementById(id);

const CLOSE_ZOOM = 15;
const FIT_ZOOM_MAX = 13.5;

/** Whether the page is as narrow as a phone's: style.css lays the cards out otherwise. */
export const isNarrow = () => matchMedia("(max-width: 760px)").matches;

/**
 * `on.select(unicorn)` is called when another unicorn, or none, is selected, `on.follow(isOn)` when following begins or ends,
 * `on.replay({from, to, speed})` when a link leads into the past; `replayLink()` gives what a link says of the replay.
 */
export class Look {
  constructor({ map, layer, fleet, replayLink, on }) {
    Object.assign(this, { map, layer, fleet, replayLink, on });
    this.isFitted = false; // the view follows the first unicorns, unless somebody has begun to look around
    this.isPlaced = false; // somebody has chosen what to look at
    this.asked = {}; // a unicorn that a link names may report later
    this.follow = new Follow(map, () => layer.position(layer.selected), (isOn) => {
      on.follow(isOn);
      this.keepLink();
    });
    map.on("moveend", () => this.keepLink());
    map.on("click", (event) => this.select(layer.pick(event.containerPoint)));
    map.on("mousemove", (event) => {
      map.getContainer().style.cursor = layer.pick(event.containerPoint, 2) === undefined ? "" : "pointer";
    });
    for (const type of ["pointerdown", "wheel", "keydown"]) {
      map.getContainer().addEventListener(type, () => this.place(), { passive: true });
    }
    addEventListener("hashchange", () => this.openLink());
  }

  get selected() {
    return this.layer.selected;
  }

  select(unicorn) {
    if (unicorn !== this.selected) this.follow.set(false);
    this.layer.selected = unicorn;
    this.asked = {};
    this.on.select(unicorn);
    this.keepLink();
  }

  /** The one nearest to the middle of the map. */
  selectMiddle() {
    const size = this.map.getSize();
    this.select(this.layer.pick(size.divideBy(2), Math.max(size.x, size.y)));
  }

  /** Selects one and brings it into view, without moving further than that needs. */
  selectNear(unicorn) {
    this.select(unicorn);
    this.map.panInside(this.layer.position(unicorn), clearOfCards());
  }

  flyTo(unicorn) {
    this.place();
    this.map.setView(this.layer.position(unicorn), Math.max(this.map.getZoom(), CLOSE_ZOOM));
  }

  toggleFollow() {
    if (this.selected !== undefined) this.follow.set(!this.follow.isOn);
  }

  showAll(options) {
    const { map, fleet, layer } = this;
    this.follow.set(false);
    const positions = Array.from(fleet.list.subarray(0, fleet.size), (unicorn) => layer.position(unicorn));
    if (!positions.length) map.fitBounds(NEW_YORK);
    else map.fitBounds(L.latLngBounds(positions), { ...clearOfCards(), maxZoom: FIT_ZOOM_MAX, ...options });
  }

  /** To be called when unicorns have come. */
  meet() {
    if (this.asked.unicorn !== undefined) this.seekAsked();
    if (this.isFitted || !this.fleet.size) return;
    this.isFitted = true;
    this.showAll({ animate: false });
  }

  /** Other ids are about to be given out: looks for the same unicorn again when they are. */
  remember() {
    const { asked, selected } = this;
    const again =
      selected === undefined
        ? asked
        : { unicorn: this.fleet.nameOf(selected), zoom: this.map.getZoom(), follow: Number(this.follow.isOn) };
    this.select(undefined);
    this.asked = again;
  }

  /** Goes where the address leads. The unicorn that it names is selected as soon as it is there. */
  openLink() {
    const link = readLink(location.hash);
    this.asked = link;
    const [from, to] = [linkedTime(link.from), linkedTime(link.to)];
    if (from < to) this.on.replay({ from, to, speed: link.speed });
    if (link.lat !== undefined && link.lon !== undefined) {
      this.place();
      this.map.setView([link.lat, link.lon], link.zoom ?? CLOSE_ZOOM, { animate: false });
    }
    this.seekAsked();
  }

  seekAsked() {
    const unicorn = this.fleet.names.ids.get(this.asked.unicorn);
    if (unicorn === undefined || !this.fleet.isPresent(unicorn)) return;
    const { zoom = CLOSE_ZOOM, follow } = this.asked;
    this.place();
    this.map.setView(this.layer.position(unicorn), zoom, { animate: false });
    this.select(unicorn);
    if (follow) this.follow.set(true);
  }

  /** Writes what is shown into the address. */
  keepLink() {
    const { map, selected, isPlaced } = this;
    const centre = map.getCenter();
    const name = this.asked.unicorn ?? (selected === undefined ? undefined : this.fleet.nameOf(selected));
    const place = isPlaced && name === undefined ? { lat: centre.lat.toFixed(5), lon: centre.lng.toFixed(5) } : {};
    const isUntouched = selected === undefined && this.asked.unicorn !== undefined;
    const hash = writeLink({
      unicorn: name,
      zoom: isUntouched ? this.asked.zoom : isPlaced || name !== undefined ? map.getZoom() : undefined,
      ...place,
      follow: this.follow.isOn || (isUntouched && this.asked.follow) ? 1 : undefined,
      ...this.replayLink(),
    });
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
  }

  place() {
    this.isFitted = this.isPlaced = true;
  }
}

// What the cards along the edges leave free.
function clearOfCards() {
  const box = (id) => element(id).getBoundingClientRect();
  const isOpen = (id) => !element(id).hidden;
  const left = isOpen("sidebar") && !isNarrow() ? box("sidebar").right : 0;
  // The panel stands at the side, or below where there is no room for that.
  const isBeside = isOpen("panel") && box("panel").left > innerWidth / 4;
  const right = isBeside ? innerWidth - box("panel").left : 0;
  const below = isOpen("panel") && !isBeside ? box("panel").top : box("foot").top;
  return {
    paddingTopLeft: [left + 40, box("bar").bottom + 30],
    paddingBottomRight: [right + 40, innerHeight - below + 40],
  };
}
