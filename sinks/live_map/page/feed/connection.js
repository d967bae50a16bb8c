// The connection to /feed: opens it, opens it again when it is lost, and hands on what comes in.

import { VERSION, decodeFrame } from "./frame.js";

const DELAY_MS_MIN = 500;
const DELAY_MS_MAX = 15_000;
const ANOTHER_VERSION = 4400;
const SIGNED_OUT = 4401;
const NOT_OURS = new Set([1008, 1009]);
const VIEW_MS_MIN = 300;
const UPDATED = "The map has been updated: reload the page";

/**
 * Calls `on.hello(message)`, `on.names(first, names)`, `on.status(message)`, `on.frame(frame, receivedAt)` with
 * performance.now() of the arrival, and `on.state(state, detail)`: "connecting", "live" (`detail` says whether what was
 * missed could be made up), "waiting" for `detail` milliseconds, "signed-out", or "failed" for good with an Error.
 *
 * `ticket()` gives what opens the feed, or null when nobody may look without signing in.
 */
export class Connection {
  constructor(url, ticket, on) {
    Object.assign(this, { url, ticket, on });
    this.failures = 0;
    this.known = undefined; // {feed, sequence, names} of what the page has
    this.bounds = null;
    this.isStopped = true;
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
  }

  start() {
    this.isStopped = false;
    this.connect();
  }

  /** Ends the connection for now and forgets what to resume from. */
  stop() {
    this.isStopped = true;
    clearTimeout(this.retry);
    this.retry = this.known = undefined;
    this.close();
  }

  /** Tells the server what is in view: [west, south, east, north], or null for everything. */
  look(bounds) {
    if (String(bounds) === String(this.bounds)) return;
    this.bounds = bounds;
    // The server allows few messages; the last one counts.
    this.looking ??= setTimeout(() => {
      this.looking = undefined;
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "view", bounds: this.bounds }));
    }, VIEW_MS_MIN);
  }

  async connect() {
    this.retry = undefined;
    this.on.state("connecting");
    const attempt = (this.attempt = {});
    let ticket;
    try {
      ticket = await this.ticket();
    } catch {
      if (this.attempt === attempt && !this.isStopped) this.wait();
      return;
    }
    if (this.attempt !== attempt || this.isStopped) return;
    if (ticket === null) this.on.state("signed-out");
    else this.open(ticket);
  }

  open(ticket) {
    const url = new URL(this.url);
    url.searchParams.set("version", VERSION);
    if (ticket) url.searchParams.set("ticket", ticket);
    if (this.known) url.searchParams.set("resume", `${this.known.feed}.${this.known.sequence}.${this.known.names}`);
    if (this.bounds) url.searchParams.set("view", this.bounds.join(","));
    const socket = (this.socket = new WebSocket(url));
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      try {
        this.take(event.data, performance.now());
      } catch (error) {
        this.fail(error); // the same would come again: another try needs another page
      }
    };
    socket.onclose = ({ code }) => {
      if (code === SIGNED_OUT) this.connect();
      else if (code === ANOTHER_VERSION) this.fail(new Error(UPDATED));
      else if (NOT_OURS.has(code)) this.fail(new Error("The server did not understand the page: reload it"));
      else this.wait();
    };
  }

  close() {
    this.attempt = undefined;
    if (!this.socket) return;
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
    this.socket = undefined;
  }

  fail(error) {
    this.stop();
    this.on.state("failed", error);
  }

  take(data, receivedAt) {
    if (typeof data !== "string") {
      const frame = decodeFrame(data);
      if (this.known) this.known.sequence = frame.sequence;
      this.on.frame(frame, receivedAt);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "hello") {
      if (message.version !== VERSION) throw new Error(UPDATED);
      this.failures = 0;
      if (!message.resumed) this.known = { feed: message.feed, sequence: 0, names: 0 };
      this.on.hello(message);
      this.on.state("live", message.resumed);
    } else if (message.type === "names") {
      this.known.names = message.first + message.names.length;
      this.on.names(message.first, message.names);
    } else if (message.type === "status") {
      this.on.status(message);
    }
  }

  // Each failure doubles the delay; the random share keeps a thousand pages from coming back at the same moment.
  wait() {
    const delayMs = Math.min(DELAY_MS_MAX, DELAY_MS_MIN * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.on.state("waiting", delayMs);
    this.retry = setTimeout(() => this.connect(), delayMs);
  }

  retryNow() {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.connect();
  }
}
