// Draws the unicorns in view: trails below, then markers, the selected one last, then names.

import { healthLevel } from "../health.js";
import { cssColour, onThemeChange, theme } from "../theme.js";
import { Labels } from "./labels.js";
import { Raster } from "./raster.js";
import { SIZES, Sprites } from "./sprites.js";
import { Trails } from "./trails.js";

// Without a reading for this long a unicorn fades, from FADE_FROM_MS to FADE_TO_MS.
const FADE_FROM_MS = 5_000;
const FADE_TO_MS = 10_000;
const FADED = 0.3;

const NAMES_ZOOM = 14;
const NAMES_MAX = 120;

// Round the window, in CSS pixels: what a marker just outside may reach, and a little for lines' ends.
const MARGIN = SIZES.at(-1).half + 6;

/** Draws `fleet` in the colours of the present theme. */
export class Painter {
  constructor(fleet, context) {
    this.fleet = fleet;
    this.context = context;
    this.trails = new Trails();
    onThemeChange(() => {
      this.trails.readColours();
      this.forget();
    });
  }

  /** A canvas of another size or pixel ratio needs other sprites. */
  resize(width, height, ratio) {
    this.raster = new Raster(width, height, Math.ceil(MARGIN * ratio));
    this.ratio = ratio;
    this.forget();
  }

  forget() {
    this.sprites = new Array(SIZES.length);
    this.labels = undefined;
  }

  /**
   * `view` has where each unicorn in view is: the first `count` of `unicorns`, `screenX` and `screenY` (device pixels), and
   * `scale`, `left` and `top`, which take steps to pixels; `time` is the moment shown, `serverTime` the present, `zoom`,
   * the index `sizeIndex` of SIZES, and `selected`, an index into `unicorns` or -1.
   */
  paint(view) {
    const { raster, fleet, ratio } = this;
    const size = SIZES[view.sizeIndex];
    const thick = Math.max(1, Math.round(size.trail * ratio));
    raster.clear();
    this.trails.paint(raster, fleet, view, thick);
    if (view.selected >= 0) this.trails.paintChosen(raster, fleet, view, view.selected, thick + 1);
    this.paintMarkers(view);
    this.paintNames(view, size);
    raster.show(this.context);
    if (view.selected >= 0) this.ring(view.screenX[view.selected], view.screenY[view.selected], size.half + 3);
  }

  paintMarkers({ unicorns, screenX, screenY, count, sizeIndex, selected, serverTime }) {
    const { fleet, raster } = this;
    const { health, heading, seen } = fleet;
    const fresh = serverTime - FADE_FROM_MS;
    const sprites = this.spritesOf(sizeIndex);
    const stamp = (i) => {
      const unicorn = unicorns[i];
      const sprite = sprites.get(heading[unicorn], healthLevel(health[unicorn]));
      const at = raster.index(Math.round(screenX[i]), Math.round(screenY[i]));
      if (seen[unicorn] >= fresh) raster.stamp(sprite, at);
      else raster.stampFaint(sprite, at, opacity(serverTime - seen[unicorn]));
    };
    for (let i = 0; i < count; i++) stamp(i);
    if (selected >= 0) stamp(selected);
  }

  // They stay inside the window, where they can be read.
  paintNames({ unicorns, screenX, screenY, count, zoom, selected }, size) {
    const { raster, ratio } = this;
    const write = (i, gap) => {
      const label = this.labels.get(this.fleet.nameOf(unicorns[i]));
      const x = within(screenX[i], label.halfWidth, raster.width);
      const y = within(screenY[i] + (size.half + gap) * ratio, label.halfHeight, raster.height);
      raster.stamp(label, raster.index(x, y));
    };
    this.labels ??= new Labels(this.ratio, this.raster.stride);
    if (zoom >= NAMES_ZOOM && count <= NAMES_MAX) {
      for (let i = 0; i < count; i++) if (i !== selected) write(i, 8);
    }
    if (selected >= 0) write(selected, 14);
  }

  ring(x, y, radius) {
    const { context, ratio } = this;
    context.beginPath();
    context.arc(x, y, radius * ratio, 0, 2 * Math.PI);
    for (const [colour, width] of [["halo", 5], ["accent", 2.5]]) {
      context.strokeStyle = cssColour(colour);
      context.lineWidth = width * ratio;
      context.stroke();
    }
  }

  spritesOf(index) {
    return (this.sprites[index] ??= new Sprites(SIZES[index], theme(), this.ratio, this.raster.stride));
  }
}

const within = (middle, half, end) => Math.round(Math.max(half, Math.min(end - half, middle)));

// 0 to 255.
function opacity(silentMs) {
  const share = Math.min(1, (silentMs - FADE_FROM_MS) / (FADE_TO_MS - FADE_FROM_MS));
  return Math.round(255 * (1 - (1 - FADED) * share));
}
