// The line that says whether the feed is there and how many unicorns are.

const element = (id) => document.getElementById(id);

const TEXTS = {
  connecting: () => "Connecting…",
  live: () => "Live",
  waiting: (delayMs) => `Connection lost, next try in ${Math.max(1, Math.round(delayMs / 1000))} s`,
  failed: (error) => error.message,
};

/** Shows the state of the feed, as Feed tells it. */
export function showConnection(state, detail) {
  element("status").dataset.state = state;
  element("connection").textContent = TEXTS[state](detail);
}

/** Shows how many unicorns there are, and how many of them have fallen silent. */
export function showCounts(count, silent) {
  element("counts").textContent = count ? `${count.toLocaleString("en")} unicorn${count === 1 ? "" : "s"}` : "";
  element("silent").textContent = silent ? `${silent.toLocaleString("en")} silent` : "";
  element("waiting").hidden = count > 0 || element("status").dataset.state !== "live";
}
