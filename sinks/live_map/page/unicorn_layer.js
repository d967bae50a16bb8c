// A Leaflet layer with one canvas for all unicorns, drawn once per animation frame; Leaflet never sees them singly.

import { locate } from "./motion.js";
import { Painter } from "./painter.js";
import { SIZES } from "./sprites.js";

const L = globalThis.L;

const REACH_PX = 10;
const RATIO_MAX = 3;
// Zooms from which on the sizes are used, and how many unicorns in view are too many for each: badges in a crowd hide
// one another. ROOMY keeps a size from changing back and forth while the crowd's edge passes in and out of view.
const SIZE_ZOOMS = [0, 10.5, 12, 15.5];
const SIZE_CROWDS = [Infinity, 1_500, 300, 300];
const ROOMY = 0.8;

export const UnicornLayer = L.Layer.extend({
  initialize(fleet, playback) {
    this.fleet = fleet;
    this.playback = playback;
    this.goneAfterMs = Infinity; // the feed says when a unicorn is gone
    this.selected = undefined;
    this.drawn = []; // of {unicorn, x, y, heading, fix}; the first `count` are on the screen
    this.count = 0;
    this.sizeIndex = SIZES.length - 1;
    this.isZooming = false;
    this.at = {};
  },

  onAdd(map) {
    this.map = map;
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated");
    this.context = this.canvas.getContext("2d");
    this.painter = new Painter(this.fleet, this.context);
    const pane = map.createPane("unicorns");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    pane.append(this.canvas);
    const frame = (now) => {
      requestAnimationFrame(frame);
      this.draw(now);
    };
    requestAnimationFrame(frame);
  },

  getEvents() {
    return { zoomanim: this.onZoomAnimation, zoomend: () => (this.isZooming = false) };
  },

  /** The unicorn nearest to a point of the map's container, no further off than `reach`, or undefined. */
  pick(point, reach = REACH_PX) {
    let best;
    let bestDistance = SIZES[this.sizeIndex].radius + reach;
    for (let i = 0; i < this.count; i++) {
      const { unicorn, x, y } = this.drawn[i];
      const distance = Math.hypot(x - point.x, y - point.y);
      if (distance < bestDistance) [best, bestDistance] = [unicorn, distance];
    }
    return best;
  },

  /** Where a unicorn is shown just now. */
  position(unicorn) {
    const { x, y } = locate(this.fleet, unicorn, this.playback.shown, this.at);
    const latitude = (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
    return L.latLng(latitude, (x - 0.5) * 360);
  },

  // While Leaflet scales its panes the canvas is scaled with them, and not drawn.
  onZoomAnimation(event) {
    const scale = this.map.getZoomScale(event.zoom, this.map.getZoom());
    const offset = this.map._latLngToNewLayerPoint(this.topLeft, event.zoom, event.center);
    L.DomUtil.setTransform(this.canvas, offset, scale);
    this.isZooming = true;
  },

  draw(now) {
    const time = this.playback.shownTime(now);
    const serverTime = this.playback.serverTime(now);
    this.fleet.dropSilentSince(serverTime - this.goneAfterMs);
    if (this.isZooming) return;
    const { map, context } = this;
    const size = map.getSize();
    const ratio = this.fitCanvas(size);
    const view = this.view(size);
    this.locateAll(time, view, size);
    this.sizeIndex = this.fittingSize();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.x, size.y);
    this.painter.paint({
      drawn: this.drawn,
      count: this.count,
      view,
      size: SIZES[this.sizeIndex],
      ratio,
      zoom: map.getZoom(),
      selected: this.selected,
      time,
      serverTime,
    });
  },

  // Keeps the canvas on the map's window, in device pixels, wherever the panes have been dragged to.
  fitCanvas(size) {
    const { map, canvas } = this;
    const ratio = Math.min(RATIO_MAX, devicePixelRatio || 1);
    const width = Math.round(size.x * ratio);
    const height = Math.round(size.y * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    this.topLeft = map.containerPointToLatLng([0, 0]);
    return ratio;
  },

  view(size) {
    const centre = this.map.project(this.map.getCenter());
    return { world: 256 * 2 ** this.map.getZoom(), left: centre.x - size.x / 2, top: centre.y - size.y / 2 };
  },

  locateAll(time, view, size) {
    const { fleet, drawn, at } = this;
    const margin = SIZES.at(-1).half;
    let count = 0;
    for (const unicorn of fleet.present) {
      locate(fleet, unicorn, time, at);
      const x = at.x * view.world - view.left;
      const y = at.y * view.world - view.top;
      if (x < -margin || y < -margin || x > size.x + margin || y > size.y + margin) continue;
      const place = (drawn[count] ??= { unicorn: 0, x: 0, y: 0, heading: NaN, fix: 0 });
      place.unicorn = unicorn;
      place.x = x;
      place.y = y;
      place.heading = at.heading;
      place.fix = at.fix;
      count += 1;
    }
    this.count = count;
  },

  fittingSize() {
    const zoom = this.map.getZoom();
    for (let i = SIZES.length - 1; i > 0; i--) {
      const crowd = SIZE_CROWDS[i] * (i > this.sizeIndex ? ROOMY : 1);
      if (zoom >= SIZE_ZOOMS[i] && this.count <= crowd) return i;
    }
    return 0;
  },
});
