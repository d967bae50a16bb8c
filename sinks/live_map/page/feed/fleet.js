// What the page knows of every unicorn: typed arrays indexed by id, and nothing that is made anew while drawing.

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
const LATITUDE_MAX = 85.05;

const COLUMNS = {
  count: Uint32Array, // fixes taken so far; the newest is number count - 1
  slot: Int32Array, // where it stands in `list`, plus one; 0 when it is not on the map
  stamp: Uint32Array, // the last full picture that it was in
  seen: Float64Array, // when the newest fix was made, by the server's clock
  health: Int16Array,
  magic: Int16Array,
  distanceDm: Uint16Array, // since the reading before
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
    this.names = [];
    this.ids = new Map();
    this.list = new Uint32Array(0);
    this.size = 0;
    this.pictures = 0;
    this.capacity = 0;
    this.reserve(256);
  }

  /** A new feed has given out other ids; the same one, after a lost connection, goes on. */
  greet(feed) {
    if (feed !== this.feed) this.clear();
    this.feed = feed;
  }

  learn(first, names) {
    for (let i = 0; i < names.length; i++) {
      this.names[first + i] = names[i];
      this.ids.set(names[i], first + i);
    }
    this.reserve(this.names.length);
  }

  isPresent(unicorn) {
    return unicorn < this.capacity && this.slot[unicorn] > 0;
  }

  /** Takes a frame in. Returns how many milliseconds passed, on the average, between the fixes of one unicorn. */
  take(frame) {
    if (frame.isFull) this.pictures += 1;
    let gaps = 0;
    let gapMs = 0;
    for (let i = 0; i < frame.count; i++) {
      const unicorn = frame.unicorn[i];
      const time = frame.timeMs - frame.ageMs[i];
      if (unicorn >= this.capacity) this.reserve(unicorn + 1);
      this.enter(unicorn);
      this.stamp[unicorn] = this.pictures;
      const before = this.seen[unicorn];
      // A full picture brings many fixes that are known already.
      if (time <= before) continue;
      if (before > 0) {
        gaps += 1;
        gapMs += time - before;
      }
      this.health[unicorn] = frame.health[i];
      this.magic[unicorn] = frame.magic[i];
      this.distanceDm[unicorn] = frame.distanceDm[i];
      const [x, y] = mercator(frame.longitude[i] / 1e7, frame.latitude[i] / 1e7);
      this.addFix(unicorn, x, y, time);
    }
    if (frame.isFull) this.leaveUnless((unicorn) => this.stamp[unicorn] === this.pictures);
    return gaps ? gapMs / gaps : undefined;
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
      const turn = Math.atan2(dx, -dy) / (2 * Math.PI);
      this.heading[unicorn] = Math.round(turn * HEADINGS + HEADINGS) % HEADINGS;
    }
    if (duration >= SILENCE_MS) return;
    this.legDx[unicorn] = dx;
    this.legDy[unicorn] = dy;
    this.legRate[unicorn] = 1 / duration;
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
    this.list = grown(Uint32Array, this.list, capacity);
    this.capacity = capacity;
  }
}
