// The panel with one unicorn's latest reading.

import { healthLevel, levelColour } from "./health.js";
import { theme } from "./theme.js";

const element = (id) => document.getElementById(id);

/** Shows `fleet`'s unicorns; `age(unicorn)` gives the milliseconds since the last reading. */
export class Panel {
  constructor(fleet, age, { onClose, onCentre }) {
    this.fleet = fleet;
    this.age = age;
    this.unicorn = undefined;
    element("panel-close").addEventListener("click", onClose);
    element("panel-centre").addEventListener("click", onCentre);
  }

  show(unicorn) {
    this.unicorn = unicorn;
    element("panel").hidden = unicorn === undefined;
    this.refresh();
  }

  /** To be called whenever the unicorn, or time, has moved on. */
  refresh() {
    const { fleet, unicorn } = this;
    if (unicorn === undefined) return;
    const health = fleet.health[unicorn];
    element("panel-name").textContent = fleet.names[unicorn] ?? "";
    element("panel-health").textContent = String(health);
    element("panel-swatch").style.background = levelColour(healthLevel(health), theme());
    element("panel-magic").textContent = String(fleet.magic[unicorn]);
    element("panel-distance").textContent = `${(fleet.distanceDm[unicorn] / 10).toFixed(1)} m`;
    element("panel-age").textContent = agePhrase(this.age(unicorn));
  }
}

function agePhrase(ageMs) {
  const seconds = Math.round(ageMs / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  return "over a minute ago";
}
