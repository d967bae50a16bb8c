// Unicorns drawn once, for every heading and every level of health, and copied from there: copying a sprite costs a
// small part of drawing it.

import { LEVELS, levelColour } from "./health.js";
import { cssColour } from "./theme.js";

const HEADINGS = 32;
const TURN = 2 * Math.PI;

/** Half the sprite's width, the radius of what one would click on, and the trail's width, in CSS pixels. */
export const SIZES = [
  { name: "dot", half: 6, radius: 4, trail: 1, draw: drawDrop, scale: 0.62 },
  { name: "drop", half: 10, radius: 7, trail: 1.5, draw: drawDrop, scale: 1.05 },
  { name: "badge", half: 18, radius: 12, trail: 2.5, draw: drawBadge, scale: 1 },
  { name: "large", half: 23, radius: 15, trail: 3, draw: drawBadge, scale: 1.3 },
];

// A unicorn's head in a box of 32 by 32, looking right; page/icon.svg has the same.
const HEAD = new Path2D(
  "M7.5 26.5C7 18.5 9 12 13.6 9.6L13.2 5.6 16.6 9.2C20 10.6 22.4 14.6 24.8 18.6 25.6 20.2 24.2 22 22.4 21.6 " +
    "20.4 21 18.8 20.2 17 20 17.2 22.6 18.6 24.6 19 26.5Z",
);
const HORN = new Path2D("M16.6 10.4 24.6 3.4 20.6 11.6Z");

/** The sprites of one size, for one theme and one pixel ratio. */
export class Sprites {
  constructor(size, theme, ratio) {
    this.size = size;
    this.cell = Math.ceil(2 * size.half * ratio);
    this.half = this.cell / ratio / 2;
    this.width = this.cell / ratio;
    this.sheet = document.createElement("canvas");
    this.sheet.width = this.cell * HEADINGS;
    this.sheet.height = this.cell * LEVELS;
    const context = this.sheet.getContext("2d");
    const outline = cssColour("marker-outline");
    for (let level = 0; level < LEVELS; level++) {
      for (let heading = 0; heading < HEADINGS; heading++) {
        context.setTransform(ratio, 0, 0, ratio, (heading + 0.5) * this.cell, (level + 0.5) * this.cell);
        size.draw(context, (heading / HEADINGS) * TURN, levelColour(level, theme), outline, size.scale);
      }
    }
  }

  /** Copies the sprite of a heading (radians from north, or NaN) and a level to x, y, in CSS pixels. */
  draw(context, x, y, heading, level) {
    const turn = Number.isNaN(heading) ? 0 : Math.round((heading / TURN) * HEADINGS + HEADINGS) % HEADINGS;
    const { cell, half, width } = this;
    context.drawImage(this.sheet, turn * cell, level * cell, cell, cell, x - half, y - half, width, width);
  }
}

function drawDrop(context, heading, colour, outline, scale) {
  context.save();
  context.rotate(heading);
  context.scale(scale, scale);
  context.beginPath();
  context.moveTo(0, -8.4);
  context.bezierCurveTo(1.5, -5.2, 5, -2.6, 5, 1);
  context.arc(0, 1, 5, 0, Math.PI);
  context.bezierCurveTo(-5, -2.6, -1.5, -5.2, 0, -8.4);
  context.closePath();
  context.lineWidth = 1.6 / scale;
  context.strokeStyle = outline;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  context.restore();
}

function drawBadge(context, heading, colour, outline, scale) {
  context.save();
  context.scale(scale, scale);
  context.save();
  context.rotate(heading);
  context.beginPath();
  context.moveTo(0, -16.5);
  context.quadraticCurveTo(4, -12.5, 7.2, -8);
  context.arc(0, 0, 10.8, -0.84, Math.PI + 0.84);
  context.quadraticCurveTo(-4, -12.5, 0, -16.5);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 2.4 / scale;
  context.strokeStyle = outline;
  context.stroke();
  context.fillStyle = colour;
  context.fill();
  context.restore();
  // The head stays upright and only looks to the side it goes to.
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
  context.restore();
}
