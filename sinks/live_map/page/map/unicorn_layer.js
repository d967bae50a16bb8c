// A Leaflet layer with one canvas for all unicorns, drawn once per animation frame; Leaflet never sees them singly.

import { WORLD, degrees } from "../feed/fleet.js";
import { Painter } from "./painter.js";
import { SIZES } from "./sprites.js";

const L = globalThis.L;

const REACH_PX = 10;
const RATIO_MAX = 3;
// Zooms from which on the sizes are used, and how many unicorns in view are too many for each: badges in a crowd hide
// one another. ROOMY keeps a size from changing back and forth while the crowd's edge passes in and out of view.
const SIZE_ZOOMS = [0, 0, 10.5, 12, 15.5];
const SIZE_CROWDS = [Infinity, 15_000, 1_500, 300, 300];
const ROOMY = 0.8;

export const UnicornLayer = L.Layer.extend({
  initialize(fleet, playback) {
    this.fleet = fleet;
    this.playback = playback;
    this.selected = undefined;
    this.isZooming = false;
    this.view = {
      count: 0,
      unicorns: new Uint32Array(0),
      screenX: new Float32Array(0),
      screenY: new Float32Array(0),
      sizeIndex: SIZES.length - 1,
      selected: -1,
    };
  },

  onAdd(map) {
    this.map = map;
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated");
    this.painter = new Painter(this.fleet, this.canvas.getContext("2d", { willReadFrequently: true }));
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

  /** How many unicorns are in view. */
  count() {
    return this.view.count;
  },

  isInView(unicorn) {
    const [x, y] = this.fleet.locate(unicorn, this.playback.shown);
    const { scale, left, top } = this.view;
    const [screenX, screenY] = [x * scale - left, y * scale - top];
    return screenX >= 0 && screenY >= 0 && screenX <= this.canvas.width && screenY <= this.canvas.height;
  },

  /** The unicorn nearest to a point of the map's container, no further off than `reach`, or undefined. */
  pick(point, reach = REACH_PX) {
    const { count, unicorns, screenX, screenY, sizeIndex } = this.view;
    const x = point.x * this.ratio;
    const y = point.y * this.ratio;
    let best;
    let bestDistance = (SIZES[sizeIndex].radius + reach) * this.ratio;
    for (let i = 0; i < count; i++) {
      const distance = Math.hypot(screenX[i] - x, screenY[i] - y);
      if (distance < bestDistance) [best, bestDistance] = [unicorns[i], distance];
    }
    return best;
  },

  /** Where a unicorn is shown just now. */
  position(unicorn) {
    return L.latLng(degrees(...this.fleet.locate(unicorn, this.playback.shown)));
  },

  // While Leaflet scales its panes the canvas is scaled with them, and not drawn.
  onZoomAnimation(event) {
    const scale = this.map.getZoomScale(event.zoom, this.map.getZoom());
    const offset = this.map._latLngToNewLayerPoint(this.topLeft, event.zoom, event.center);
    L.DomUtil.setTransform(this.canvas, offset, scale);
    this.isZooming = true;
  },

  draw(now) {
    const { view, map } = this;
    view.time = this.playback.shownTime(now);
    view.serverTime = this.playback.serverTime(now);
    if (this.isZooming) return;
    this.fitCanvas(map.getSize());
    this.aim();
    this.locateAll();
    view.zoom = map.getZoom();
    view.sizeIndex = this.fittingSize();
    this.painter.paint(view);
    if (view.count && !this.hasDrawn) {
      this.hasDrawn = true;
      performance.mark("first unicorn"); // for bench/map
    }
  },

  // Keeps the canvas on the map's window, in device pixels, wherever the panes have been dragged to.
  fitCanvas(size) {
    const { map, canvas } = this;
    const ratio = Math.min(RATIO_MAX, devicePixelRatio || 1);
    const width = Math.round(size.x * ratio);
    const height = Math.round(size.y * ratio);
    if (canvas.width !== width || canvas.height !== height || this.ratio !== ratio) {
      this.ratio = ratio;
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
      this.painter.resize(width, height, ratio);
    }
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
    this.topLeft = map.containerPointToLatLng([0, 0]);
  },

  aim() {
    const { map, view, ratio } = this;
    const origin = map.project(this.topLeft);
    view.scale = (256 * 2 ** map.getZoom() * ratio) / WORLD;
    view.left = origin.x * ratio;
    view.top = origin.y * ratio;
  },

  locateAll() {
    const { fleet, view } = this;
    if (view.unicorns.length < fleet.capacity) {
      view.unicorns = new Uint32Array(fleet.capacity);
      view.screenX = new Float32Array(fleet.capacity);
      view.screenY = new Float32Array(fleet.capacity);
    }
    const { list, size, legX, legY, legDx, legDy, legStart, legEnd, legRate } = fleet;
    const { unicorns, screenX, screenY, scale, left, top, time } = view;
    const margin = SIZES.at(-1).half * this.ratio;
    const right = this.canvas.width + margin;
    const bottom = this.canvas.height + margin;
    let count = 0;
    view.selected = -1;
    for (let i = 0; i < size; i++) {
      const unicorn = list[i];
      if (time >= legEnd[unicorn]) fleet.advance(unicorn, time);
      const passed = (time - legStart[unicorn]) * legRate[unicorn];
      const share = passed < 0 ? 0 : passed > 1 ? 1 : passed;
      const x = (legX[unicorn] + legDx[unicorn] * share) * scale - left;
      const y = (legY[unicorn] + legDy[unicorn] * share) * scale - top;
      if (x < -margin || y < -margin || x > right || y > bottom) continue;
      if (unicorn === this.selected) view.selected = count;
      unicorns[count] = unicorn;
      screenX[count] = x;
      screenY[count] = y;
      count += 1;
    }
    view.count = count;
  },

  fittingSize() {
    const { count, sizeIndex } = this.view;
    const zoom = this.map.getZoom();
    for (let i = SIZES.length - 1; i > 0; i--) {
      const crowd = SIZE_CROWDS[i] * (i > sizeIndex ? ROOMY : 1);
      if (zoom >= SIZE_ZOOMS[i] && count <= crowd) return i;
    }
    return 0;
  },
});
