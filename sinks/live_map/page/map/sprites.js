// Unicorns drawn once for each heading and level of health, and kept as lists of pixels: stamping them costs a small
// part of drawing them.

import { HEADINGS, NO_HEADING } from "../feed/fleet.js";
import { LEVELS, levelColour } from "../health.js";
import { cssColour } from "../theme.js";

const TURN = 2 * Math.PI;
// Fainter pixels are left out, and those that let less than a hundredth through are solid.
const ALPHA_MIN = 8;
const ALPHA_SOLID = 252;

/** Half the sprite's width, the radius of what one would click on, and the trail's width, in CSS pixels. */
export const SIZES = [
  { name: "speck", half: 4, radius: 3, trail: 1, draw: drawSpeck, drawResting: drawSpeck, scale: 0.42 },
  { name: "dot", half: 6, radius: 4, trail: 1, draw: drawDrop, drawResting: drawDisc, scale: 0.62 },
  { name: "drop", half: 10, radius: 7, trail: 1.5, draw: drawDrop, drawResting: drawDisc, scale: 1.05 },
  { name: "badge", half: 18, radius: 12, trail: 2.5, draw: drawBadge, drawResting: drawRound, scale: 1 },
  { name: "large", half: 23, radius: 15, trail: 3, draw: drawBadge, drawResting: drawRound, scale: 1.3 },
];

// A unicorn's head in a box of 32 by 32, looking right; page/icon.svg has the same.
const HEAD = new Path2D(
  "M7.5 26.5C7 18.5 9 12 13.6 9.6L13.2 5.6 16.6 9.2C20 10.6 22.4 14.6 24.8 18.6 25.6 20.2 24.2 22 22.4 21.6 " +
    "20.4 21 18.8 20.2 17 20 17.2 22.6 18.6 24.6 19 26.5Z",
);
const HORN = new Path2D("M16.6 10.4 24.6 3.4 20.6 11.6Z");

/**
 * The sprites of one size, for one theme and one pixel ratio, to be stamped on a raster of the given stride. Each is
 * drawn when it is first wanted.
 */
export class Sprites {
  constructor(size, theme, ratio, stride) {
    Object.assign(this, { size, theme, ratio, stride });
    this.outline = cssColour("marker-outline");
    this.made = new Array(LEVELS * (HEADINGS + 1));
    this.cell = 2 * Math.ceil(size.half * ratio);
    this.context = scratch(this.cell, this.cell);
  }

  /** The one of a heading (0 to HEADINGS - 1, or NO_HEADING) and a level of health. */
  get(heading, level) {
    const turn = heading === NO_HEADING ? HEADINGS : heading;
    return (this.made[level * (HEADINGS + 1) + turn] ??= this.make(turn, level));
  }

  make(turn, level) {
    const { context, cell, ratio, size } = this;
    context.clearRect(0, 0, cell, cell);
    context.save();
    context.translate(cell / 2, cell / 2);
    context.scale(ratio * size.scale, ratio * size.scale);
    const draw = turn === HEADINGS ? size.drawResting : size.draw;
    draw(context, (turn / HEADINGS) * TURN, levelColour(level, this.theme), this.outline, size.scale);
    context.restore();
    return cutOut(context, this.stride);
  }
}

/** A small canvas to draw sprites on and read them from: its context. */
export function scratch(width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** What was drawn on a small canvas, as the lists of pixels that Raster.stamp takes; its middle becomes 0. */
export function cutOut(context, stride) {
  const { width, height } = context.canvas;
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  const lists = { solid: [], solidColours: [], edge: [], edgeColours: [] };
  pixels.forEach((colour, i) => {
    const alpha = colour >>> 24;
    if (alpha < ALPHA_MIN) return;
    const kind = alpha > ALPHA_SOLID ? "solid" : "edge";
    const x = i % width;
    const y = (i - x) / width;
    lists[kind].push((y - (height >> 1)) * stride + x - (width >> 1));
    lists[`${kind}Colours`].push(colour);
  });
  return {
    solid: Int32Array.from(lists.solid),
    solidColours: Uint32Array.from(lists.solidColours),
    edge: Int32Array.from(lists.edge),
    edgeColours: Uint32Array.from(lists.edgeColours),
  };
}

// A drop whose tip shows where it goes; the scale is set, and 0, 0 is its middle.
function drawDrop(context, heading, colour, outline, scale) {
  context.rotate(heading);
  context.beginPath();
  context.moveTo(0, -8.4);
  context.bezierCurveTo(1.5, -5.2, 5, -2.6, 5, 1);
  context.arc(0, 1, 5, 0, Math.PI);
  context.bezierCurveTo(-5, -2.6, -1.5, -5.2, 0, -8.4);
  context.closePath();
  paint(context, colour, outline, 1.6 / scale);
}

// In a crowd an outline would be half of what one sees.
function drawSpeck(context, heading, colour) {
  context.beginPath();
  context.arc(0, 0, 5, 0, TURN);
  context.fillStyle = colour;
  context.fill();
}

// One that has not moved points nowhere.
function drawDisc(context, _, colour, outline, scale) {
  context.beginPath();
  context.arc(0, 0, 5, 0, TURN);
  paint(context, colour, outline, 1.6 / scale);
}

function drawBadge(context, heading, colour, outline, scale) {
  context.save();
  context.rotate(heading);
  context.beginPath();
  context.moveTo(0, -16.5);
  context.quadraticCurveTo(4, -12.5, 7.2, -8);
  context.arc(0, 0, 10.8, -0.84, Math.PI + 0.84);
  context.quadraticCurveTo(-4, -12.5, 0, -16.5);
  context.closePath();
  paint(context, colour, outline, 2.4 / scale);
  context.restore();
  drawHead(context, heading, colour);
}

function drawRound(context, heading, colour, outline, scale) {
  context.beginPath();
  context.arc(0, 0, 10.8, 0, TURN);
  paint(context, colour, outline, 2.4 / scale);
  drawHead(context, 0, colour);
}

function paint(context, colour, outline, width) {
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = outline;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
}

// It stays upright and only looks to the side it goes to.
function drawHead(context, heading, colour) {
  context.scale(heading > Math.PI ? -0.56 : 0.56, 0.56);
  context.translate(-16, -16);
  context.fillStyle = "#ffe08a";
  context.fill(HORN);
  context.fillStyle = "#fff";
  context.fill(HEAD);
  context.beginPath();
  context.arc(18.2, 14.2, 1.5, 0, TURN);
  context.fillStyle = colour;
  context.fill();
}
