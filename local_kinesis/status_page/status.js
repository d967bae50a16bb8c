// The status page: asks /_local/status once a second and draws what it says. Rates are the
// difference of two answers; times are the endpoint's own.

const INTERVAL_MS = 1000;
const SVG = "http://www.w3.org/2000/svg";
const TREE_HEIGHT = 1000;

const summary = document.getElementById("summary");
const streams = document.getElementById("streams");
const number = new Intl.NumberFormat("en");
let before = null;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${count >= 100 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

function duration(milliseconds) {
  if (milliseconds === null) {
    return "–";
  }
  const seconds = milliseconds / 1000;
  if (seconds < 1) {
    return `${milliseconds} ms`;
  }
  if (seconds < 120) {
    return `${seconds.toFixed(1)} s`;
  }
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function clock(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

// The change of a total in a second of the machine's time; null until there are two answers.
function rate(now, key, find) {
  const earlier = before && find(before);
  if (!earlier) {
    return null;
  }
  return ((find(now)[key] - earlier[key]) * 1000) / (now.asked_ms - before.asked_ms);
}

function total(stream, key) {
  return stream.shards.reduce((sum, shard) => sum + shard[key], 0);
}

function totals(name) {
  return (answer) => {
    const stream = answer.streams.find((one) => one.name === name);
    return (
      stream && {
        records: total(stream, "records_total"),
        bytes: total(stream, "bytes_total"),
        reads: total(stream, "reads_total"),
      }
    );
  };
}

function perSecond(value, show = (count) => number.format(Math.round(count))) {
  return value === null ? "–" : show(Math.max(0, value));
}

function figures(entries) {
  return element(
    "dl",
    { class: "figures" },
    ...entries.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value)),
    ),
  );
}

// Time goes right, hash keys go down: a split is a rectangle that two follow, a merge the reverse.
function tree(stream, nowMs) {
  const start = Math.min(...stream.shards.map((shard) => shard.opened_ms));
  const span = Math.max(1, nowMs - start);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("class", "tree");
  picture.setAttribute("viewBox", `0 0 ${TREE_HEIGHT} ${TREE_HEIGHT}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `The shards of ${stream.name} over time; listed below`);
  for (const shard of stream.shards) {
    const rectangle = document.createElementNS(SVG, "rect");
    const left = ((shard.opened_ms - start) / span) * TREE_HEIGHT;
    const right = (((shard.closed_ms ?? nowMs) - start) / span) * TREE_HEIGHT;
    rectangle.setAttribute("x", left);
    rectangle.setAttribute("width", Math.max(1, right - left));
    rectangle.setAttribute("y", shard.from * TREE_HEIGHT);
    rectangle.setAttribute("height", (shard.to - shard.from) * TREE_HEIGHT);
    rectangle.setAttribute("class", shard.closed_ms === null ? "open" : "closed");
    const title = document.createElementNS(SVG, "title");
    title.textContent = `${shard.id}, ${number.format(shard.records_total)} records`;
    rectangle.append(title);
    picture.append(rectangle);
  }
  const axis = element(
    "div",
    { class: "axis", "aria-hidden": "true" },
    element("span", {}, clock(start)),
    element("span", {}, "hash keys down, time right"),
    element("span", {}, "now"),
  );
  return element("div", {}, picture, axis);
}

function shardRow(shard) {
  const state = shard.closed_ms === null ? "open" : "closed";
  const lag = shard.last_read_ms === null ? "not read" : duration(shard.behind_ms);
  const cells = [
    number.format(shard.records_total),
    number.format(shard.records_kept),
    bytes(shard.memory_bytes),
    number.format(shard.reads_total),
    lag,
  ];
  return element(
    "tr",
    { class: state },
    element("th", { scope: "row" }, shard.id),
    element("td", { class: "text" }, state),
    element("td", { class: "text" }, shard.parents.map(shortId).join(", ") || "–"),
    element("td", { class: "text" }, `${percent(shard.from)} to ${percent(shard.to)}`),
    ...cells.map((text) => element("td", {}, text)),
  );
}

function shortId(id) {
  return id.replace(/^shardId-0*(?=.)/, "");
}

function percent(share) {
  return `${(share * 100).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}

function table(stream) {
  const names = ["shard", "state", "parents", "hash keys", "records", "kept", "memory", "reads"];
  const head = element(
    "tr",
    {},
    ...[...names, "lag"].map((name, place) =>
      element("th", { scope: "col", class: place < 4 ? "text" : "" }, name),
    ),
  );
  const body = element("tbody", {}, ...stream.shards.map(shardRow));
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": `Shards of ${stream.name}` },
    element("table", {}, element("thead", {}, head), body),
  );
}

function card(stream, answer) {
  const find = totals(stream.name);
  const open = stream.shards.filter((shard) => shard.closed_ms === null);
  const lags = open.filter((shard) => shard.last_read_ms !== null).map((shard) => shard.behind_ms);
  const about = [
    `${stream.status}, ${stream.mode}, ${stream.retention_hours} h`,
    ...stream.consumers.map((consumer) => `consumer ${consumer.name} ${consumer.status}`),
  ];
  return element(
    "article",
    {},
    element("h2", {}, stream.name),
    element("div", { class: "about" }, about.join(" · ")),
    figures([
      ["records/s", perSecond(rate(answer, "records", find))],
      ["written/s", perSecond(rate(answer, "bytes", find), bytes)],
      ["reads/s", perSecond(rate(answer, "reads", find))],
      ["open shards", number.format(open.length)],
      ["records kept", number.format(total(stream, "records_kept"))],
      ["greatest lag", lags.length ? duration(Math.max(...lags)) : "not read"],
    ]),
    tree(stream, answer.now_ms),
    table(stream),
  );
}

function show(answer) {
  const scale = answer.time_scale === 1 ? "" : `, ${answer.time_scale} times as fast`;
  const faults = answer.faults ? ` · ${answer.faults} faults are set` : "";
  const dropped = answer.dropped_records
    ? ` · ${number.format(answer.dropped_records)} records dropped for lack of room`
    : "";
  summary.className = faults || dropped ? "trouble" : "";
  summary.textContent =
    `${clock(answer.now_ms)} UTC${scale} · ${bytes(answer.memory_bytes)} of ` +
    `${bytes(answer.memory_max_bytes)} · rest of AWS: ${answer.moto}${faults}${dropped}`;
  const cards = answer.streams.map((stream) => card(stream, answer));
  if (!cards.length) {
    cards.push(element("p", { class: "about" }, "There is no stream yet."));
  }
  const scrolled = [...document.querySelectorAll(".scroll")].map((region) => region.scrollLeft);
  streams.replaceChildren(...cards);
  document.querySelectorAll(".scroll").forEach((region, place) => {
    region.scrollLeft = scrolled[place] ?? 0;
  });
}

async function ask() {
  const response = await fetch("/_local/status", { cache: "no-store" });
  if (!response.ok) {
    throw new Error(`status ${response.status}`);
  }
  return { ...(await response.json()), asked_ms: performance.now() };
}

async function renew() {
  if (document.hidden) {
    return;
  }
  try {
    const answer = await ask();
    show(answer);
    before = answer;
  } catch (error) {
    summary.className = "trouble";
    summary.textContent = `The endpoint does not answer (${error.message}).`;
  }
}

renew();
setInterval(renew, INTERVAL_MS);
document.addEventListener("visibilitychange", renew);
