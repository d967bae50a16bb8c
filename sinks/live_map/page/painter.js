// Draws located unicorns on a canvas: trails below, then markers, the selected one last, then names.

import { FIXES } from "./fleet.js";
import { healthLevel } from "./health.js";
import { index } from "./motion.js";
import { Sprites } from "./sprites.js";
import { cssColour, onThemeChange, theme } from "./theme.js";

// Without a reading for this long a unicorn fades, from FADE_FROM_MS to FADE_TO_MS.
const FADE_FROM_MS = 5_000;
const FADE_TO_MS = 10_000;
const FADED = 0.3;

const TRAIL_MS = 20_000;
// The trail in shares of its length, from its head on, ever fainter.
const TRAIL_TIERS = [0.34, 0.67, 1];
const TRAIL_OPACITIES = [0.5, 0.35, 0.2];
// More trails cover the map, and cost more than the unicorns.
const TRAILS_MAX = 4_000;

const NAMES_ZOOM = 14;
const NAMES_MAX = 120;
const NAME_CHARACTERS_MAX = 24;

/** Draws `fleet` in the colours of the present theme. */
export class Painter {
  constructor(fleet, context) {
    this.fleet = fleet;
    this.context = context;
    this.readColours();
    onThemeChange(() => this.readColours());
  }

  readColours() {
    this.sheets = new Map();
    this.trail = cssColour("trail");
    this.accent = cssColour("accent");
    this.label = cssColour("label");
    this.halo = cssColour("halo");
  }

  /**
   * `scene` says what is where: `drawn` and `count` (the first `count` of {unicorn, x, y, heading, fix}), `view`
   * ({world, left, top}: Mercator to pixels), `size` (of SIZES), `ratio`, `zoom`, `selected`, `time` (the moment
   * shown) and `serverTime` (the present).
   */
  paint(scene) {
    if (scene.count <= TRAILS_MAX) this.paintTrails(scene);
    this.paintMarkers(scene);
    this.paintNames(scene);
  }

  paintTrails({ drawn, count, view, size, time }) {
    const { context, fleet } = this;
    const paths = TRAIL_TIERS.map(() => new Path2D());
    for (let i = 0; i < count; i++) {
      const { unicorn, fix: newest } = drawn[i];
      const oldest = Math.max(0, fleet.count[unicorn] - FIXES);
      let { x, y } = drawn[i];
      for (let fix = newest; fix >= oldest; fix--) {
        const at = index(unicorn, fix);
        const share = (time - fleet.time[at]) / TRAIL_MS;
        if (share < 0 || share > 1) break;
        const path = paths[TRAIL_TIERS.findIndex((end) => share <= end)];
        path.moveTo(x, y);
        x = fleet.x[at] * view.world - view.left;
        y = fleet.y[at] * view.world - view.top;
        path.lineTo(x, y);
      }
    }
    context.strokeStyle = this.trail;
    context.lineWidth = size.trail;
    paths.forEach((path, tier) => {
      context.globalAlpha = TRAIL_OPACITIES[tier];
      context.stroke(path);
    });
    context.globalAlpha = 1;
  }

  paintMarkers({ drawn, count, size, ratio, selected, serverTime }) {
    const { context, fleet } = this;
    const sprites = this.sprites(size, ratio);
    let chosen;
    for (let i = 0; i < count; i++) {
      const { unicorn, x, y, heading } = drawn[i];
      if (unicorn === selected) {
        chosen = drawn[i];
        continue;
      }
      context.globalAlpha = opacity(serverTime - fleet.lastTime(unicorn));
      sprites.draw(context, x, y, heading, healthLevel(fleet.health[unicorn]));
    }
    context.globalAlpha = 1;
    if (!chosen) return;
    sprites.draw(context, chosen.x, chosen.y, chosen.heading, healthLevel(fleet.health[selected]));
    this.ring(chosen, size.half + 3, this.halo, 5);
    this.ring(chosen, size.half + 3, this.accent, 2.5);
  }

  ring({ x, y }, radius, colour, width) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  paintNames({ drawn, count, size, zoom, selected }) {
    const { context, fleet } = this;
    const all = zoom >= NAMES_ZOOM && count <= NAMES_MAX;
    context.font = "600 12px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "top";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = this.halo;
    context.fillStyle = this.label;
    for (let i = 0; i < count; i++) {
      const { unicorn, x, y } = drawn[i];
      if (!all && unicorn !== selected) continue;
      const below = y + size.half + (unicorn === selected ? 7 : 2);
      const name = shortened(fleet.names[unicorn] ?? "");
      context.strokeText(name, x, below);
      context.fillText(name, x, below);
    }
  }

  sprites(size, ratio) {
    const key = `${size.name} ${ratio}`;
    if (!this.sheets.has(key)) this.sheets.set(key, new Sprites(size, theme(), ratio));
    return this.sheets.get(key);
  }
}

function opacity(silentMs) {
  if (silentMs <= FADE_FROM_MS) return 1;
  return Math.max(FADED, 1 - ((1 - FADED) * (silentMs - FADE_FROM_MS)) / (FADE_TO_MS - FADE_FROM_MS));
}

function shortened(name) {
  const characters = [...name];
  if (characters.length <= NAME_CHARACTERS_MAX) return name;
  return `${characters.slice(0, NAME_CHARACTERS_MAX - 1).join("")}…`;
}
