// What somebody should look at: a quiet list that neither blinks nor speaks.

const element = (id) => document.getElementById(id);

const SHOWN_MAX = 100;
// Who has not been seen for this long is not expected back.
const FORGOTTEN_MS = 60 * 60_000;

/**
 * `on.choose(unicorn)` is called for a unicorn under the threshold, which is on the map; `on.showLow()` to see them all in
 * the list.
 */
export class Alarms {
  constructor(fleet, on) {
    Object.assign(this, { fleet, on });
    this.dismissedAt = -Infinity;
    this.hidden = []; // a sentence for each reason why readings are not shown
    element("alarms").addEventListener("toggle", () => this.render());
    element("alarms-list").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.unicorn) on.choose(Number(button.dataset.unicorn));
      else if (button.dataset.does === "show") on.showLow();
      else this.dismiss();
    });
  }

  /** Looks again: `now` is the server's time, `threshold` the health under which there is alarm. */
  refresh(now, threshold, goneAfterMs) {
    this.now = now;
    this.threshold = threshold;
    const { fleet } = this;
    this.low = [];
    for (let i = 0; i < fleet.size; i++) {
      if (fleet.health[fleet.list[i]] < threshold) this.low.push(fleet.list[i]);
    }
    this.gone = [];
    for (let unicorn = 0; unicorn < fleet.names.keys.length; unicorn++) {
      const seen = fleet.seen[unicorn];
      const isGone = seen > 0 && !fleet.slot[unicorn] && now - seen >= goneAfterMs;
      if (isGone && now - seen < FORGOTTEN_MS && seen > this.dismissedAt) this.gone.push(unicorn);
    }
    this.isSilent = fleet.size === 0 && this.gone.length > 0;
    this.count = this.low.length + this.gone.length;
    const text = this.count.toLocaleString("en");
    if (element("alarms-count").textContent !== text) element("alarms-count").textContent = text;
    element("alarms").dataset.count = String(Math.min(1, this.count));
    this.render();
  }

  render() {
    if (!element("alarms").open || !this.low) return;
    const { fleet, low, gone, now } = this;
    const items = [];
    if (this.isSilent) items.push(plain("No unicorn has been seen for 30 seconds"));
    low.sort((a, b) => fleet.health[a] - fleet.health[b] || a - b);
    for (const unicorn of low.slice(0, SHOWN_MAX)) {
      items.push(item(fleet.nameOf(unicorn), `health ${fleet.health[unicorn]}`, unicorn));
    }
    if (low.length > SHOWN_MAX) {
      items.push(action(`${(low.length - SHOWN_MAX).toLocaleString("en")} more below ${this.threshold}: show in the list`, "show"));
    }
    gone.sort((a, b) => fleet.seen[b] - fleet.seen[a]);
    for (const unicorn of gone.slice(0, SHOWN_MAX)) {
      items.push(item(fleet.nameOf(unicorn), `not seen for ${span(now - fleet.seen[unicorn])}`));
    }
    if (gone.length > SHOWN_MAX) items.push(plain(`${(gone.length - SHOWN_MAX).toLocaleString("en")} more not seen`));
    if (gone.length) items.push(action("Forget those not seen", "dismiss"));
    items.push(...this.hidden.map(plain));
    if (!items.length) items.push(plain("None"));
    patch(element("alarms-list"), items);
  }

  dismiss() {
    this.dismissedAt = this.now;
    this.gone = [];
    this.render();
  }
}

function span(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

const plain = (text) => ({ text, key: text });
const action = (text, does) => ({ text, does, key: does });
const item = (name, text, unicorn) => ({ name, text, unicorn, key: `${unicorn} ${name}` });

// Rows that stay keep their elements, so that the focus stays too.
function patch(list, items) {
  items.forEach((one, i) => {
    const old = list.children[i];
    if (old?.dataset.key === one.key) {
      const last = old.querySelector(".what");
      if (last.textContent !== one.text) last.textContent = one.text;
    } else if (old) {
      old.replaceWith(made(one));
    } else {
      list.append(made(one));
    }
  });
  while (list.children.length > items.length) list.lastChild.remove();
}

function made({ name, text, unicorn, does, key }) {
  const row = document.createElement("li");
  row.dataset.key = key;
  const isButton = unicorn !== undefined || does !== undefined;
  const holder = isButton ? Object.assign(document.createElement("button"), { type: "button" }) : row;
  if (unicorn !== undefined) holder.dataset.unicorn = unicorn;
  if (does !== undefined) holder.dataset.does = does;
  if (name !== undefined) {
    holder.append(Object.assign(document.createElement("bdi"), { className: "who", textContent: name }), " ");
  }
  holder.append(Object.assign(document.createElement("span"), { className: "what", textContent: text }));
  if (isButton) row.append(holder);
  return row;
}
