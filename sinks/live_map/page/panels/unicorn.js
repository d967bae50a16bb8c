// The panel of one unicorn: its latest reading, its last half hour, and what one can do with it.

import { HEADINGS, NO_HEADING, degrees } from "../feed/fleet.js";
import { healthLevel, levelColour } from "../health.js";
import { theme } from "../theme.js";
import { metres } from "./list.js";
import { drawBand, drawBars } from "./sparkline.js";

const element = (id) => document.getElementById(id);

const COMPASS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
const COPIED_MS = 2_000;
const NOTES = {
  loading: "Loading the last 30 minutes…",
  failed: "The last 30 minutes cannot be had just now.",
  there: "No per-minute rows yet.",
};

/**
 * Shows `fleet`'s unicorns; `age(unicorn)` gives the milliseconds since the last reading, `history` its rows, `link()` the
 * address to share.
 */
export class Panel {
  constructor(fleet, age, history, on) {
    Object.assign(this, { fleet, age, history, on });
    this.unicorn = undefined;
    element("panel-close").addEventListener("click", on.close);
    element("panel-centre").addEventListener("click", on.centre);
    element("panel-follow").addEventListener("click", on.follow);
    element("panel-link").addEventListener("click", () => this.copyLink());
  }

  show(unicorn) {
    this.unicorn = unicorn;
    element("panel").hidden = unicorn === undefined;
    if (unicorn === undefined) this.history.close();
    else this.history.open(this.fleet.nameOf(unicorn), () => this.drawHistory());
    this.drawHistory();
    this.refresh();
  }

  showFollowing(isFollowing) {
    element("panel-follow").setAttribute("aria-pressed", String(isFollowing));
  }

  /** To be called whenever the unicorn, or time, has moved on. */
  refresh() {
    const { fleet, unicorn } = this;
    if (unicorn === undefined) return;
    const health = fleet.health[unicorn];
    const distance = metres(fleet.minuteDistance[unicorn]);
    const [latitude, longitude] = degrees(...fleet.newest(unicorn));
    element("panel-name").textContent = fleet.nameOf(unicorn);
    element("panel-health").textContent = String(health);
    element("panel-swatch").style.background = levelColour(healthLevel(health), theme());
    element("panel-magic").textContent = String(fleet.magic[unicorn]);
    element("panel-distance").textContent = distance === "–" ? distance : `${distance} m`;
    element("panel-heading").textContent = compass(fleet.heading[unicorn]);
    element("panel-position").textContent = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
    element("panel-age").textContent = agePhrase(this.age(unicorn));
  }

  /** Takes the rows that have just come; one of them may be of the unicorn that is shown. */
  takeRows(rows) {
    const at = this.unicorn === undefined ? -1 : rows.unicorn.indexOf(this.unicorn);
    if (at < 0) return;
    const { timeMs, distanceDm, healthMin, healthMax } = rows;
    this.history.add({ timeMs, distance: distanceDm[at] / 10, healthMin: healthMin[at], healthMax: healthMax[at] });
    this.drawHistory();
  }

  /** Draws the rows that the history has. */
  drawHistory() {
    const { rows, state } = this.history;
    element("history").dataset.state = rows.length ? "there" : "none";
    element("history-note").textContent = rows.length ? "" : (NOTES[state] ?? "");
    if (!rows.length) return;
    const low = Math.min(...rows.map((row) => row.healthMin));
    const high = Math.max(...rows.map((row) => row.healthMax));
    const last = rows.at(-1);
    drawBand(element("spark-health"), rows, (row) => row.healthMin, (row) => row.healthMax);
    drawBars(element("spark-distance"), rows, (row) => row.distance);
    const total = rows.reduce((sum, row) => sum + row.distance, 0);
    element("history-health").textContent = `${low} to ${high}`;
    element("history-distance").textContent = `${(total / 1000).toFixed(1)} km in all`;
    element("spark-health").setAttribute("aria-label", `Health in ${rows.length} minutes: between ${low} and ${high}, last ${last.healthMax}`);
    element("spark-distance").setAttribute("aria-label", `${Math.round(last.distance)} metres in the last of ${rows.length} minutes`);
  }

  async copyLink() {
    const button = element("panel-link");
    const text = this.on.link();
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Without a secure connection there is no clipboard; the address bar has the link as well.
      button.textContent = "Copy the address";
    }
    setTimeout(() => (button.textContent = "Copy link"), COPIED_MS);
  }
}

function compass(heading) {
  if (heading === NO_HEADING) return "–";
  return COMPASS[Math.round((heading / HEADINGS) * COMPASS.length) % COMPASS.length];
}

function agePhrase(ageMs) {
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  return "over a minute ago";
}
