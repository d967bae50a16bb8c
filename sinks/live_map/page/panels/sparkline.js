// Half an hour of per-minute rows as a small drawing.

const MINUTE_MS = 60_000;
const MINUTES = 30;
const PAD = 3;

/** Draws a band from `low(row)` to `high(row)`, with a line in its middle. Rows have `timeMs` and are in order. */
export function drawBand(svg, rows, low, high) {
  if (rows.length === 1) {
    // A band of one minute has no width.
    const { x, y } = scales(svg, rows, low(rows[0]), high(rows[0]));
    svg.replaceChildren(bar(svg, x(rows[0]), y(low(rows[0])), y(high(rows[0]))));
    return;
  }
  const { x, y } = scales(svg, rows, Math.min(...rows.map(low)), Math.max(...rows.map(high)));
  const there = rows.map((row) => `${x(row)},${y(high(row))}`);
  const back = rows.map((row) => `${x(row)},${y(low(row))}`).reverse();
  const middle = rows.map((row) => `${x(row)},${y((low(row) + high(row)) / 2)}`);
  svg.replaceChildren(
    shape(svg, "polygon", "band", [...there, ...back]),
    shape(svg, "polyline", "line", middle),
  );
}

/** Draws a bar for each row. */
export function drawBars(svg, rows, value) {
  const { x, y } = scales(svg, rows, 0, Math.max(1, ...rows.map(value)));
  const foot = svg.viewBox.baseVal.height;
  svg.replaceChildren(...rows.map((row) => bar(svg, x(row), foot, Math.min(foot - 1, y(value(row))))));
}

function scales(svg, rows, bottom, top) {
  const { width, height } = svg.viewBox.baseVal;
  const last = rows.at(-1).timeMs;
  const range = Math.max(1, top - bottom);
  return {
    x: (row) => (PAD + (1 - (last - row.timeMs) / (MINUTES * MINUTE_MS)) * (width - 2 * PAD)).toFixed(1),
    y: (value) => (PAD + (1 - (value - bottom) / range) * (height - 2 * PAD)).toFixed(1),
  };
}

function bar(svg, x, foot, head) {
  const line = document.createElementNS(svg.namespaceURI, "line");
  for (const [name, number] of Object.entries({ x1: x, x2: x, y1: foot, y2: head })) line.setAttribute(name, number);
  line.setAttribute("class", "bar-line");
  return line;
}

function shape(svg, kind, className, points) {
  const made = document.createElementNS(svg.namespaceURI, kind);
  made.setAttribute("class", className);
  made.setAttribute("points", points.join(" "));
  return made;
}
