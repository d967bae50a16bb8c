// Where each unicorn was in the last seconds, ever fainter.

import { FIXES } from "../feed/fleet.js";
import { cssColour } from "../theme.js";

/** How far back a trail reaches. */
export const TRAIL_MS = 20_000;

const ALPHA_NEW = 150;
const ALPHA_OLD = 40;
const RING = FIXES - 1;
// Steps shorter than this on the screen are taken together: they look the same and cost as much as long ones.
const STEP_PX_MIN = 3;
// Beyond it nobody can tell one trail from another, and they cost more than the unicorns.
const TRAILS_MAX = 15_000;

/** Draws them on a raster, for the unicorns that `view` has located. */
export class Trails {
  constructor() {
    this.readColours();
  }

  readColours() {
    this.colour = bgr(cssColour("trail"));
    this.chosenColour = bgr(cssColour("accent"));
  }

  /** All in view, each `thick` device pixels wide. */
  paint(raster, fleet, view, thick) {
    const { count, unicorns, screenX, screenY } = view;
    if (count > TRAILS_MAX) return;
    for (let i = 0; i < count; i++) {
      this.paintOne(raster, fleet, view, unicorns[i], screenX[i], screenY[i], thick, this.colour, 1);
    }
  }

  /** The one of the selected unicorn, stronger. */
  paintChosen(raster, fleet, view, i, thick) {
    const { unicorns, screenX, screenY } = view;
    this.paintOne(raster, fleet, view, unicorns[i], screenX[i], screenY[i], thick, this.chosenColour, 1.7);
  }

  paintOne(raster, fleet, view, unicorn, fromX, fromY, thick, colour, strength) {
    const { fixX, fixY, fixTime } = fleet;
    const { scale, left, top, time } = view;
    const newest = fleet.cursor[unicorn];
    const oldest = Math.max(0, fleet.count[unicorn] - FIXES);
    const base = unicorn * FIXES;
    const right = raster.width + raster.margin - 4;
    const bottom = raster.height + raster.margin - 4;
    const outside = 4 - raster.margin;
    let x = fromX;
    let y = fromY;
    for (let fix = newest; fix >= oldest; fix--) {
      const at = base + (fix & RING);
      const age = time - fixTime[at];
      if (age < 0 || age > TRAIL_MS) break;
      const toX = fixX[at] * scale - left;
      const toY = fixY[at] * scale - top;
      if (Math.abs(toX - x) + Math.abs(toY - y) < STEP_PX_MIN && fix > oldest) continue;
      if (toX < outside || toY < outside || toX > right || toY > bottom) break;
      const alpha = Math.min(255, strength * (ALPHA_NEW + ((ALPHA_OLD - ALPHA_NEW) * age) / TRAIL_MS));
      raster.line(x, y, toX, toY, thick, colour, alpha);
      x = toX;
      y = toY;
    }
  }
}

// A colour of style.css written #rrggbb, as Raster takes it.
function bgr(hex) {
  const value = parseInt(hex.slice(1), 16);
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}
