// Names as sprites: writing one costs more than drawing a hundred unicorns, so each is written once.

import { cssColour } from "../theme.js";
import { cutOut, scratch } from "./sprites.js";

const FONT = "600 12px system-ui, sans-serif";
const HEIGHT = 20;
const HALO = 3;
const CHARACTERS_MAX = 24;
const KEPT_MAX = 400;
// A name of few characters can still be very wide: some characters are.
const WIDTH_MAX = 260;

/** The names' sprites for one theme, pixel ratio and raster stride; each has its `halfWidth` and `halfHeight` in device pixels. */
export class Labels {
  constructor(ratio, stride) {
    this.ratio = ratio;
    this.stride = stride;
    this.made = new Map();
    this.label = cssColour("label");
    this.halo = cssColour("halo");
    this.measure = scratch(1, 1);
    this.measure.font = FONT;
  }

  get(name) {
    let label = this.made.get(name);
    if (!label) {
      label = this.make(shortened(name));
      if (this.made.size >= KEPT_MAX) this.made.delete(this.made.keys().next().value);
      this.made.set(name, label);
    }
    return label;
  }

  make(text) {
    const width = Math.min(WIDTH_MAX, this.measure.measureText(text).width) + 2 * HALO;
    const halfWidth = Math.ceil((width / 2) * this.ratio);
    const halfHeight = Math.ceil((HEIGHT / 2) * this.ratio);
    const context = scratch(2 * halfWidth, 2 * halfHeight);
    context.translate(halfWidth, halfHeight);
    context.scale(this.ratio, this.ratio);
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = HALO;
    context.strokeStyle = this.halo;
    context.fillStyle = this.label;
    context.strokeText(text, 0, 0, WIDTH_MAX);
    context.fillText(text, 0, 0, WIDTH_MAX);
    return { ...cutOut(context, this.stride), halfWidth, halfHeight };
  }
}

/** At most CHARACTERS_MAX characters, on one line. */
export function shortened(name) {
  const characters = [...name.slice(0, 4 * CHARACTERS_MAX).replace(/\s+/g, " ")];
  if (characters.length <= CHARACTERS_MAX) return characters.join("");
  return `${characters.slice(0, CHARACTERS_MAX - 1).join("")}…`;
}
