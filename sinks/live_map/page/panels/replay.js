// The bar with which one goes back in time: from when to when, where one is, and how fast. All times are UTC.

const element = (id) => document.getElementById(id);

const HOUR_MS = 3_600_000;
const LONGEST_MS = 6 * HOUR_MS;
const STEP_MS = 10_000;

/** Drives `replay`, a Replay; `on.open()` and `on.close()` are called when the page goes into the past and back. */
export class ReplayBar {
  constructor(replay, on) {
    Object.assign(this, { replay, on });
    this.isOpen = false;
    this.isDragging = false;
    element("replay-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.load();
    });
    element("replay-play").addEventListener("click", () => this.toggle());
    element("replay-live").addEventListener("click", () => this.close());
    element("replay-speed").addEventListener("change", () => this.setSpeed(Number(element("replay-speed").value)));
    const slider = element("replay-slider");
    slider.addEventListener("input", () => {
      this.isDragging = true;
      this.showTime(this.from + Number(slider.value));
    });
    slider.addEventListener("change", () => {
      this.isDragging = false;
      this.start(this.from + Number(slider.value));
    });
  }

  // What there is to replay; undefined when there is nothing.
  async range() {
    const response = await fetch("replay/range").catch(() => undefined);
    if (!response?.ok) return undefined;
    const { from_ms: first, to_ms: last } = await response.json();
    return first === null ? undefined : { first, last };
  }

  /** Opens the bar, at the given times or at the last hour that there is. */
  async open({ from, to, speed } = {}) {
    this.isOpen = true;
    element("replay").hidden = false;
    element("replay-toggle").setAttribute("aria-expanded", "true");
    this.on.open();
    if (speed) this.setSpeed(speed);
    let times = { from, to };
    if (from === undefined) {
      const range = await this.range();
      if (!range) return this.say("There is nothing in the archive as yet.");
      const end = Math.ceil(range.last / 1_000) * 1_000;
      times = { from: Math.max(range.first, end - HOUR_MS), to: end };
    }
    element("replay-from").value = written(times.from);
    element("replay-to").value = written(times.to);
    return this.load();
  }

  close() {
    this.isOpen = false;
    this.replay.stop();
    element("replay").hidden = true;
    element("replay-toggle").setAttribute("aria-expanded", "false");
    this.on.close();
  }

  toggleOpen() {
    if (this.isOpen) this.close();
    else this.open();
  }

  load() {
    const [from, to] = ["replay-from", "replay-to"].map((id) => Date.parse(`${element(id).value}Z`));
    if (!(from < to)) return this.say("The replay must end after it begins.");
    if (to - from > LONGEST_MS) return this.say("Six hours at a time, at most.");
    Object.assign(this, { from, to });
    element("replay-slider").max = String(to - from);
    element("replay-slider").step = "1000";
    this.replay.isPaused = false;
    return this.start(from);
  }

  start(at) {
    this.say("");
    this.replay.play(this.from, this.to, at);
  }

  toggle() {
    if (this.replay.state === "ended") this.load();
    else this.replay.pause(!this.replay.isPaused);
  }

  /** Forwards or backwards by some steps of ten seconds. */
  skip(steps) {
    if (this.from === undefined) return;
    this.start(Math.max(this.from, Math.min(this.to, this.replay.shown + steps * STEP_MS)));
  }

  setSpeed(speed) {
    this.replay.speed = speed;
    const options = [...element("replay-speed").options];
    if (options.some((option) => Number(option.value) === speed)) element("replay-speed").value = String(speed);
  }

  /** What Replay says of itself. */
  showState(state, error) {
    element("replay").dataset.state = state;
    element("replay-play").textContent = state === "playing" || state === "loading" ? "Pause" : state === "ended" ? "Again" : "Play";
    if (state === "failed") this.say(error.message);
    else if (state === "loading") this.say("Reading the archive…");
    else this.say("");
    this.refresh();
  }

  /** To be called now and then while it plays. */
  refresh() {
    if (!this.isOpen || this.from === undefined || this.isDragging) return;
    element("replay-slider").value = String(this.replay.shown - this.from);
    this.showTime(this.replay.shown);
  }

  showTime(time) {
    const text = clockTime(time);
    element("replay-time").textContent = text;
    element("replay-slider").setAttribute("aria-valuetext", text);
  }

  say(text) {
    element("replay-note").textContent = text;
  }

  /** What a link says of it. */
  link() {
    if (!this.isOpen || this.from === undefined) return {};
    return { from: written(this.from), to: written(this.to), speed: this.replay.speed };
  }
}

/** A time of a link, UTC, in milliseconds; undefined for what is none. */
export function linkedTime(text) {
  const time = Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(text ?? "") ? text : `${text}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** Hours, minutes and seconds, UTC. */
export const clockTime = (time) => new Date(time).toISOString().slice(11, 19);

const written = (time) => new Date(time).toISOString().slice(0, 19);
