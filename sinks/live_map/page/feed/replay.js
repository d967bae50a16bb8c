// What was, from the archive: reads ahead of the moment shown, as far as it needs to and no further.

import { decodeFrame } from "./frame.js";

const HEAD_BYTES = 8;
const BINARY = 2;
// Read before the moment that is asked for, so that trails and headings are there.
const RUN_UP_MS = 25_000;
// Fixes handed on ahead of the moment shown; the fleet keeps 32.
const AHEAD_MS = 3_000;
const QUEUE_MAX = 120;
const SECOND_MS = 1_000;

/** Splits a stream of chunks into the archive's messages: yields {text} or {frame}. */
export async function* messages(stream) {
  const reader = stream.getReader();
  let held = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      held = joined(held, value);
      let at = 0;
      while (held.length - at >= HEAD_BYTES) {
        const head = new DataView(held.buffer, held.byteOffset + at);
        const length = head.getUint32(0, true);
        const end = at + HEAD_BYTES + length;
        if (end > held.length) break;
        // A copy of its own: columns want to begin at a multiple of four.
        const body = held.slice(at + HEAD_BYTES, end);
        if (head.getUint32(4, true) === BINARY) yield { frame: decodeFrame(body.buffer) };
        else yield { text: JSON.parse(new TextDecoder().decode(body)) };
        at = end;
      }
      held = held.slice(at);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function joined(first, second) {
  if (!first.length) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/**
 * A clock that can be set, and the frames round it; stands in for Playback while it runs. Calls `on.hello`, `on.names` and
 * `on.frame` like Connection, and `on.state(state, error)`: "loading", "playing", "paused", "ended" or "failed".
 */
export class Replay {
  constructor(on) {
    this.on = on;
    this.shown = 0;
    this.speed = 1;
    this.isPaused = false;
    this.queue = [];
    this.state = "idle";
    this.steppedAt = 0;
  }

  /** Plays from `at` on; the whole reaches from `from` to `to`. Milliseconds since 1970. */
  async play(from, to, at) {
    this.stop();
    Object.assign(this, { from, to, shown: at, queue: [], isWhole: false, hasFrames: false });
    const abort = (this.abort = new AbortController());
    this.tell("loading");
    try {
      const query = new URLSearchParams({ from: at - RUN_UP_MS, to });
      const response = await fetch(`replay?${query}`, { signal: abort.signal });
      if (!response.ok) throw new Error(await refusal(response));
      for await (const message of messages(response.body)) {
        await this.room(abort.signal);
        this.take(message);
      }
      if (!this.isWhole) throw new Error("The replay was cut off");
    } catch (error) {
      if (this.abort === abort) this.tell("failed", error);
    }
  }

  stop() {
    this.abort?.abort();
    this.abort = undefined;
    this.wake?.();
    this.state = "idle";
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    if (this.state === "playing" || this.state === "paused") this.tell(isPaused ? "paused" : "playing");
  }

  take({ text, frame }) {
    if (frame) {
      this.queue.push(frame);
      // Nobody wants to wait through what is empty to begin with.
      if (!this.hasFrames && this.shown === this.from) this.shown = Math.max(this.shown, frame.timeMs - SECOND_MS);
      this.hasFrames = true;
      if (this.state === "loading" && frame.timeMs >= this.shown + AHEAD_MS) this.begin();
    } else if (text.type === "end") {
      if (!this.hasFrames) throw new Error("Nothing was archived in that time");
      this.isWhole = true;
      if (this.state === "loading") this.begin();
    } else if (text.type === "names") {
      this.on.names(text.first, text.names);
    } else if (text.type === "hello") {
      this.on.hello(text);
    }
  }

  begin() {
    this.steppedAt = performance.now();
    this.tell(this.isPaused ? "paused" : "playing");
  }

  // Waits until there is room in the queue: what is not read is not sent.
  async room(signal) {
    while (this.queue.length >= QUEUE_MAX && this.state !== "loading") {
      await new Promise((resolve) => (this.wake = resolve));
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
  }

  tell(state, error) {
    if (state === this.state) return;
    this.state = state;
    this.on.state(state, error);
  }

  serverTime() {
    return this.shown;
  }

  /** The moment to show at `now` of performance.now(); hands the frames on that belong to it. */
  shownTime(now) {
    const elapsed = Math.max(0, now - this.steppedAt);
    this.steppedAt = now;
    if (this.state === "playing") {
      const last = this.queue.at(-1)?.timeMs ?? (this.isWhole ? Infinity : this.shown);
      // Never beyond what has been read.
      this.shown = Math.min(this.to, Math.max(this.shown, Math.min(last, this.shown + elapsed * this.speed)));
      if (this.shown >= this.to) this.tell("ended");
    }
    let taken = 0;
    while (taken < this.queue.length && this.queue[taken].timeMs <= this.shown + AHEAD_MS) taken += 1;
    for (const frame of this.queue.splice(0, taken)) this.on.frame(frame);
    if (taken) this.wake?.();
    return this.shown;
  }
}

async function refusal(response) {
  const { message } = await response.json().catch(() => ({}));
  return message ?? `The archive answers ${response.status}`;
}
