// The connection to /feed: opens it, opens it again when it is lost, and hands on what comes in.

import { VERSION, decodeFrame } from "./frame.js";

const DELAY_MS_MIN = 500;
const DELAY_MS_MAX = 15_000;

/**
 * Calls `on.hello(message)`, `on.names(first, names)`, `on.frame(frame, receivedAt)` with performance.now() of the
 * arrival, and `on.state(state, detail)`: "connecting", "live", "waiting" for `detail` milliseconds, or "failed" for
 * good with an Error.
 */
export class Feed {
  constructor(url, on) {
    this.url = url;
    this.on = on;
    this.failures = 0;
    this.connect();
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
  }

  connect() {
    this.retry = undefined;
    this.on.state("connecting");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      try {
        this.take(event.data, performance.now());
      } catch (error) {
        // The same would come again: another try needs another page.
        socket.onclose = null;
        socket.close();
        this.on.state("failed", error);
      }
    };
    socket.onclose = () => this.wait();
  }

  take(data, receivedAt) {
    if (typeof data !== "string") {
      this.on.frame(decodeFrame(data), receivedAt);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "hello") {
      if (message.version !== VERSION) throw new Error("The map has been updated: reload the page");
      this.failures = 0;
      this.on.hello(message);
      this.on.state("live");
    } else if (message.type === "names") {
      this.on.names(message.first, message.names);
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
    if (this.retry !== undefined) {
      clearTimeout(this.retry);
      this.connect();
    }
  }
}
