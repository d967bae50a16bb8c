// Which moment to show: a little behind the present, so that there always is a fix before it and a fix after it, and
// motion is interpolated between what was really seen, never guessed beyond it.

import { CHANGES, ageMsOf } from "./frame.js";

const DELAY_MS_MAX = 10_000;
const MARGIN_MS = 60;
// The picture may run this much faster or slower to get to where it should be: too little to notice.
const SLEW = 0.08;
// Further off than this it jumps: a page that was asleep shall not run through what it missed.
const JUMP_MS = 2_000;
// How fast the memory of a late frame fades, per frame.
const FORGET = 0.05;
const DRIFT_MS = 0.2;
// Older fixes are of unicorns that stopped reporting; they say nothing about how long the way here takes.
const AGE_MS_MAX = 5_000;

/** Follows the server's clock and decides how far behind it the picture is. All times in milliseconds. */
export class Playback {
  constructor() {
    this.offsetMs = undefined; // server's clock less ours, as the quickest frame saw it
    this.gapMs = 1_000; // between two fixes of one unicorn
    this.lateMs = 0; // from a fix to its arrival here, at the worst
    this.shown = -Infinity;
    this.steppedAt = 0;
  }

  /** Learns from a frame that came at `receivedAt` of performance.now(); `gapMs` is what Fleet.take returned. */
  observe(frame, receivedAt, gapMs) {
    const offsetMs = frame.timeMs - receivedAt;
    // Clocks drift apart, so the quickest frame's word counts a little less with every other frame.
    this.offsetMs = this.offsetMs === undefined ? offsetMs : Math.max(offsetMs, this.offsetMs - DRIFT_MS);
    if (frame.kind !== CHANGES) return;
    let ageMs = 0;
    for (const who of frame.who) {
      const age = ageMsOf(who);
      if (age > ageMs && age < AGE_MS_MAX) ageMs = age;
    }
    const lateMs = ageMs + this.offsetMs - offsetMs;
    this.lateMs = Math.max(lateMs, this.lateMs + (lateMs - this.lateMs) * FORGET);
    if (gapMs !== undefined) this.gapMs += (Math.min(gapMs, DELAY_MS_MAX) - this.gapMs) * 0.2;
  }

  /** The server's time at `now` of performance.now(). */
  serverTime(now) {
    return now + (this.offsetMs ?? 0);
  }

  /** The moment to show at `now`; to be asked once a frame. */
  shownTime(now) {
    const delayMs = Math.min(DELAY_MS_MAX, this.gapMs + this.lateMs + MARGIN_MS);
    const wanted = this.serverTime(now) - delayMs;
    const elapsed = Math.max(0, now - this.steppedAt);
    const off = wanted - (this.shown + elapsed);
    const reach = SLEW * elapsed;
    this.shown = Math.abs(off) < JUMP_MS ? this.shown + elapsed + Math.max(-reach, Math.min(reach, off)) : wanted;
    this.steppedAt = now;
    return this.shown;
  }
}
