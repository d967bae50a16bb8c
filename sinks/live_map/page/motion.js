// Where a unicorn is at a given moment, between the two fixes round it.

import { FIXES } from "./fleet.js";

// Across a longer silence nobody knows which way it went: it stays where it was, then it is where it is.
const SILENCE_MS = 5_000;
// Steps below this (as a share of the world, about 20 cm) are noise and turn nobody round.
const STEP_MIN = 5e-9;

/**
 * Fills `into` with x, y (Mercator, 0 to 1), the heading in radians clockwise from north, or NaN when it never moved,
 * and `fix`, the number of the newest fix that lies behind the unicorn.
 */
export function locate(fleet, unicorn, time, into) {
  const newest = fleet.count[unicorn] - 1;
  const oldest = Math.max(0, newest - FIXES + 1);
  let fix = newest;
  while (fix > oldest && fleet.time[index(unicorn, fix)] > time) fix -= 1;
  const from = index(unicorn, fix);
  const to = index(unicorn, Math.min(newest, fix + 1));
  const span = fleet.time[to] - fleet.time[from];
  const passed = time - fleet.time[from];
  const share = span > 0 && span < SILENCE_MS ? Math.max(0, Math.min(1, passed / span)) : 0;
  into.x = fleet.x[from] + (fleet.x[to] - fleet.x[from]) * share;
  into.y = fleet.y[from] + (fleet.y[to] - fleet.y[from]) * share;
  into.fix = fix;
  into.heading = headingAfter(fleet, unicorn, Math.min(newest, fix + 1), oldest);
  return into;
}

/** The index of a fix in the fleet's columns. */
export function index(unicorn, fix) {
  return unicorn * FIXES + (fix % FIXES);
}

function headingAfter(fleet, unicorn, last, oldest) {
  for (let fix = last; fix > oldest; fix--) {
    const to = index(unicorn, fix);
    const from = index(unicorn, fix - 1);
    const dx = fleet.x[to] - fleet.x[from];
    const dy = fleet.y[to] - fleet.y[from];
    if (Math.abs(dx) + Math.abs(dy) > STEP_MIN) return Math.atan2(dx, -dy);
  }
  return NaN;
}
