// What the page knows of every unicorn: typed arrays indexed by id, and nothing that is made anew while drawing.

import { FULL, ageMsOf, headingOf, healthOf, idOf, magicOf } from "./frame.js";
import { Names } from "./names.js";

/** Positions are whole steps, the world being WORLD of them wide: two centimetres at the equator. */
export const WORLD = 2 ** 31;
/** Positions kept per unicorn, a power of two. At one a second they outlast the trail. */
export const FIXES = 32;
export const HEADINGS = 32;
/** The heading of one that was never seen to move. */
export const NO_HEADING = 255;

const RING = FIXES - 1;
// Across a longer silence nobody knows which way it went: it stays where it was, then it is where it is.
const SILENCE_MS = 5_000;
// Moves below this, about 20 cm, are noise and turn nobody round.
const MOVE_MIN = 10;
// Two times closer than this are the same fix.
const SAME_MS = 16;
const LATITUDE_MAX = 85.05;

const COLUMNS = {
  count: Uint32Array, // fixes taken so far; the newest is number count - 1
  slot: Int32Array, // where it stands in `list`, plus one; 0 when it is not on the map
  stamp: Uint32Array, // the last full picture that it was in
  seen: Float64Array, // when the newest fix was made, by the server's clock
  health: Int16Array,
  magic: Int16Array,
  minuteDistance: Float32Array, // metres in the last whole minute, by its per-minute row; NaN without one
  // The leg that it is on at the moment shown: from the fix `cursor`, at `legStart`, to the next one, at `legEnd`.
  cursor: Uint32Array,
  legX: Float64Array,
  legY: Float64Array,
  legDx: Float64Array,
  legDy: Float64Array,
  legStart: Float64Array,
  legEnd: Float64Array, // Infinity while no later fix is known
  legRate: Float64Array, // 1 / duration, 0 for one that stays where it is
  heading: Uint8Array, // 0 to HEADINGS - 1, clockwise from north
};
const FIX_COLUMNS = { fixX: Int32Array, fixY: Int32Array, fixTime: Float64Array };

/** Web Mercator in steps, y downwards. */
export function mercator(longitude, latitude) {
  const bounded = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude));
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (bounded * Math.PI) / 360)) / (2 * Math.PI);
  return [step(longitude / 360 + 0.5), step(y)];
}

const step = (share) => Math.max(0, Math.min(WORLD - 1, Math.round(share * WORLD)));

/** The inverse: [latitude, longitude] in degrees. */
export function degrees(x, y) {
  return [
    (Math.atan(Math.sinh((0.5 - y / WORLD) * 2 * Math.PI)) * 180) / Math.PI,
    (x / WORLD - 0.5) * 360,
  ];
}

/**
 * The first `size` of `list` are the ids on the map, in no order. Fix number n of unicorn u is at
 * u * FIXES + (n % FIXES) of fixX, fixY and fixTime.
 */
export class Fleet {
  constructor() {
    this.feed = undefined;
    this.clear();
  }

  clear() {
    this.names = new Names();
    this.list = new Uint32Array(0);
    this.size = 0;
    this.pictures = 0;
    this.capacity = 0;
    this.reserve(256);
  }

  /** A new feed has given out other ids; the same one, after a lost connection, goes on. */
  greet(feed) {
    if (feed !== this.feed || feed === undefined) this.clear();
    this.feed = feed;
  }

  learn(first, names) {
    this.names.learn(first, names);
    this.reserve(first + names.length);
  }

  nameOf(unicorn) {
    return this.names.texts[unicorn] ?? "";
  }

  isPresent(unicorn) {
    return unicorn < this.capacity && this.slot[unicorn] > 0;
  }

  /** Takes a frame of unicorns in. Returns how many milliseconds passed, on the average, between the fixes of one. */
  take(frame) {
    const { who, how, longitude, latitude } = frame;
    if (frame.kind === FULL) this.pictures += 1;
    let gaps = 0;
    let gapMs = 0;
    for (let i = 0; i < frame.count; i++) {
      const unicorn = idOf(who[i]);
      const time = frame.timeMs - ageMsOf(who[i]);
      if (unicorn >= this.capacity) this.reserve(unicorn + 1);
      this.enter(unicorn);
      this.stamp[unicorn] = this.pictures;
      const gap = time - this.seen[unicorn];
      // A full picture brings fixes that are known already; ages are told in steps, so that one may seem a little later.
      if (gap < SAME_MS) continue;
      if (gap < SILENCE_MS) {
        gaps += 1;
        gapMs += gap;
      }
      this.health[unicorn] = healthOf(how[i]);
      this.magic[unicorn] = magicOf(how[i]);
      const [x, y] = mercator(longitude[i] / 1e7, latitude[i] / 1e7);
      this.addFix(unicorn, x, y, time);
      const turn = headingOf(how[i]);
      if (this.heading[unicorn] === NO_HEADING && !Number.isNaN(turn)) this.face(unicorn, turn);
    }
    if (frame.kind === FULL) this.leaveUnless((unicorn) => this.stamp[unicorn] === this.pictures);
    return gaps ? gapMs / gaps : undefined;
  }

  /** Takes per-minute rows in. */
  takeRows(rows) {
    for (let i = 0; i < rows.count; i++) {
      if (rows.unicorn[i] >= this.capacity) this.reserve(rows.unicorn[i] + 1);
      this.minuteDistance[rows.unicorn[i]] = rows.distanceDm[i] / 10;
    }
  }

  /** Forgets those not heard of since `time`. */
  dropSilentSince(time) {
    this.leaveUnless((unicorn) => this.seen[unicorn] >= time);
  }

  /** One more position, in steps, later than those before it. */
  addFix(unicorn, x, y, time) {
    const number = this.count[unicorn]++;
    const at = unicorn * FIXES + (number & RING);
    this.fixX[at] = x;
    this.fixY[at] = y;
    this.fixTime[at] = time;
    this.seen[unicorn] = time;
    if (number === 0) {
      this.heading[unicorn] = NO_HEADING;
      this.startLeg(unicorn, 0);
    } else if (this.cursor[unicorn] === number - 1) {
      this.startLeg(unicorn, number - 1);
    } else if (this.cursor[unicorn] + FIXES <= number) {
      this.startLeg(unicorn, number - FIXES + 1);
    }
  }

  /** Moves on to the leg of the moment `time`; to be called when legEnd has passed. */
  advance(unicorn, time) {
    const newest = this.count[unicorn] - 1;
    let fix = this.cursor[unicorn];
    while (fix < newest && this.fixTime[unicorn * FIXES + ((fix + 1) & RING)] <= time) fix += 1;
    this.startLeg(unicorn, fix);
  }

  /** Where it is at `time`, as [x, y] in steps. For one unicorn; drawing all has a loop of its own. */
  locate(unicorn, time) {
    if (time >= this.legEnd[unicorn]) this.advance(unicorn, time);
    const share = Math.max(0, Math.min(1, (time - this.legStart[unicorn]) * this.legRate[unicorn]));
    return [
      this.legX[unicorn] + this.legDx[unicorn] * share,
      this.legY[unicorn] + this.legDy[unicorn] * share,
    ];
  }

  /** Its newest position, in steps. */
  newest(unicorn) {
    const at = unicorn * FIXES + ((this.count[unicorn] - 1) & RING);
    return [this.fixX[at], this.fixY[at]];
  }

  startLeg(unicorn, fix) {
    const from = unicorn * FIXES + (fix & RING);
    this.cursor[unicorn] = fix;
    this.legX[unicorn] = this.fixX[from];
    this.legY[unicorn] = this.fixY[from];
    this.legStart[unicorn] = this.fixTime[from];
    this.legEnd[unicorn] = Infinity;
    this.legDx[unicorn] = this.legDy[unicorn] = this.legRate[unicorn] = 0;
    if (fix === this.count[unicorn] - 1) return;
    const to = unicorn * FIXES + ((fix + 1) & RING);
    const dx = this.fixX[to] - this.fixX[from];
    const dy = this.fixY[to] - this.fixY[from];
    const duration = this.fixTime[to] - this.fixTime[from];
    this.legEnd[unicorn] = this.fixTime[to];
    if (Math.abs(dx) + Math.abs(dy) > MOVE_MIN) {
      this.face(unicorn, Math.atan2(dx, -dy) / (2 * Math.PI));
    }
    if (duration >= SILENCE_MS) return;
    this.legDx[unicorn] = dx;
    this.legDy[unicorn] = dy;
    this.legRate[unicorn] = 1 / duration;
  }

  // `turn` is a share of a full turn clockwise from north.
  face(unicorn, turn) {
    this.heading[unicorn] = Math.round(turn * HEADINGS + HEADINGS) % HEADINGS;
  }

  enter(unicorn) {
    if (this.slot[unicorn]) return;
    this.list[this.size] = unicorn;
    this.slot[unicorn] = ++this.size;
  }

  leaveUnless(stays) {
    for (let i = 0; i < this.size; i++) {
      const unicorn = this.list[i];
      if (stays(unicorn)) continue;
      const last = this.list[--this.size];
      this.list[i] = last;
      this.slot[last] = i + 1;
      this.slot[unicorn] = 0;
      i -= 1;
    }
  }

  reserve(size) {
    if (size <= this.capacity) return;
    const capacity = Math.max(size, 2 * this.capacity);
    const grown = (Type, old, length) => {
      const array = new Type(length);
      if (this.capacity) array.set(old);
      return array;
    };
    for (const [name, Type] of Object.entries(COLUMNS)) this[name] = grown(Type, this[name], capacity);
    for (const [name, Type] of Object.entries(FIX_COLUMNS)) this[name] = grown(Type, this[name], capacity * FIXES);
    this.minuteDistance.fill(NaN, this.capacity);
    this.list = grown(Uint32Array, this.list, capacity);
    this.capacity = capacity;
  }
}
