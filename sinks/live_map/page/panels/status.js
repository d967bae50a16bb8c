// The line that says whether the feed is there, how many unicorns are, and what is not shown.

const element = (id) => document.getElementById(id);

const TEXTS = {
  connecting: () => "Connecting…",
  live: () => "Live",
  replay: () => "Replay",
  waiting: (delayMs) => `Connection lost, next try in ${Math.max(1, Math.round(delayMs / 1000))} s`,
  "signed-out": () => "Not signed in",
  failed: (error) => error.message,
};
const HIDDEN = {
  malformed: "that could not be read",
  off_earth: "off the earth",
  long_name: "with too long a name",
  too_many: "of more names than the map takes",
};

let losses = 0;
let isLost = false;

/** Shows the state of the feed, as Connection tells it. */
export function showConnection(state, detail) {
  element("status").dataset.state = state;
  write("connection", TEXTS[state](detail));
  if (state !== "replay") showMoment("");
  if (state === "waiting" && !isLost) {
    isLost = true;
    losses += 1;
  }
  if (state === "live" && isLost) {
    isLost = false;
    const times = losses === 1 ? "once" : `${losses} times`;
    write("losses", `resumed ${times}, last at ${new Date().toLocaleTimeString("en", { hour12: false })}`);
  }
}

/** Shows the time that is replayed, or "": beside what a screen reader reads out whenever it changes. */
export function showMoment(text) {
  write("moment", text);
}

/** Shows how many unicorns there are, and how many of them have fallen silent. */
export function showCounts(count, silent) {
  write("counts", count ? `${count.toLocaleString("en")} unicorn${count === 1 ? "" : "s"}` : "");
  write("silent", silent ? `${silent.toLocaleString("en")} silent` : "");
  element("waiting").hidden = count > 0 || element("status").dataset.state !== "live";
}

/** Shows how many readings are not on the map; `hidden` maps reasons to numbers. Returns a sentence for each reason. */
export function showHidden(hidden) {
  const entries = Object.entries(hidden).filter(([, number]) => number > 0);
  const total = entries.reduce((sum, [, number]) => sum + number, 0);
  write("hidden-count", total ? `${total.toLocaleString("en")} readings not shown` : "");
  const reasons = entries.map(([reason, number]) => `${number.toLocaleString("en")} readings ${HIDDEN[reason] ?? reason.replaceAll("_", " ")}`);
  element("hidden-count").title = reasons.join(", ");
  return reasons.map((reason) => `Not shown: ${reason}`);
}

function write(id, text) {
  if (element(id).textContent !== text) element(id).textContent = text;
}
