// What the page knows of every unicorn: typed arrays indexed by id, with the last few positions of each.

// Positions kept per unicorn. At one a second it outlasts the trail.
export const FIXES = 32;
const COLUMNS = { count: Uint32Array, health: Int16Array, magic: Int16Array, distanceDm: Uint16Array };
const FIX_COLUMNS = { x: Float64Array, y: Float64Array, time: Float64Array };

/** Web Mercator, the whole world being 0 to 1 on both axes, y downwards. */
export function mercator(longitude, latitude) {
  const bounded = Math.max(-85.05, Math.min(85.05, latitude));
  const y = 0.5 - Math.log(Math.tan(Math.PI / 4 + (bounded * Math.PI) / 360)) / (2 * Math.PI);
  return [longitude / 360 + 0.5, y];
}

/**
 * `present` has the ids to draw. Fix number n of unicorn u is at index u * FIXES + (n % FIXES) of x, y and time
 * (the server's clock, ms); `count[u]` fixes have been taken, so the newest is number count[u] - 1.
 */
export class Fleet {
  constructor() {
    this.feed = undefined;
    this.clear();
  }

  clear() {
    this.names = [];
    this.present = new Set();
    this.capacity = 0;
    this.reserve(256);
  }

  /** A new feed has given out other ids; the same one, after a lost connection, goes on. */
  greet(feed) {
    if (feed !== this.feed) this.clear();
    this.feed = feed;
  }

  learn(first, names) {
    for (let i = 0; i < names.length; i++) this.names[first + i] = names[i];
    this.reserve(this.names.length);
  }

  /** Takes a frame in. Returns how many milliseconds passed, on the average, between the fixes of one unicorn. */
  take(frame) {
    if (frame.isFull) this.present.clear();
    let gaps = 0;
    let gapMs = 0;
    for (let i = 0; i < frame.count; i++) {
      const unicorn = frame.unicorn[i];
      const time = frame.timeMs - frame.ageMs[i];
      this.reserve(unicorn + 1);
      this.present.add(unicorn);
      const before = this.lastTime(unicorn);
      // A full picture brings many fixes that are known already.
      if (time <= before) continue;
      if (before > 0) {
        gaps += 1;
        gapMs += time - before;
      }
      this.addFix(unicorn, frame.longitude[i] / 1e7, frame.latitude[i] / 1e7, time);
      this.health[unicorn] = frame.health[i];
      this.magic[unicorn] = frame.magic[i];
      this.distanceDm[unicorn] = frame.distanceDm[i];
    }
    return gaps ? gapMs / gaps : undefined;
  }

  /** Forgets those not heard of since `time`. */
  dropSilentSince(time) {
    for (const unicorn of this.present) {
      if (this.lastTime(unicorn) < time) this.present.delete(unicorn);
    }
  }

  /** When the newest fix was made; 0 for none. */
  lastTime(unicorn) {
    const count = this.count[unicorn];
    return count ? this.time[unicorn * FIXES + ((count - 1) % FIXES)] : 0;
  }

  addFix(unicorn, longitude, latitude, time) {
    const at = unicorn * FIXES + (this.count[unicorn] % FIXES);
    [this.x[at], this.y[at]] = mercator(longitude, latitude);
    this.time[at] = time;
    this.count[unicorn] += 1;
  }

  reserve(size) {
    if (size <= this.capacity) return;
    const capacity = Math.max(size, 2 * this.capacity);
    const grow = (columns, per) => {
      for (const [name, Type] of Object.entries(columns)) {
        const array = new Type(capacity * per);
        if (this.capacity) array.set(this[name]);
        this[name] = array;
      }
    };
    grow(COLUMNS, 1);
    grow(FIX_COLUMNS, FIXES);
    this.capacity = capacity;
  }
}
