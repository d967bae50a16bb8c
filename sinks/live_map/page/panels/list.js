// The list beside the map: search, filters, sorting, and only as many rows in the document as one sees.

import { fold } from "../feed/names.js";
import { healthLevel, levelColour } from "../health.js";
import { theme } from "../theme.js";

const element = (id) => document.getElementById(id);

const ROW_PX = 36;
const SPARE_ROWS = 4;
const RANKS = 2 ** 21;
const VALUE_MAX = 2 ** 30;

/** What a column of numbers shows and is sorted by; NaN sorts last. */
const VALUES = {
  health: (fleet, unicorn) => fleet.health[unicorn],
  magic: (fleet, unicorn) => fleet.magic[unicorn],
  distance: (fleet, unicorn) => fleet.minuteDistance[unicorn],
};

/**
 * `fleet` is what there is; `on.choose(unicorn)` is called for a click or Enter, `on.change()` when search or filter
 * have changed. `test(filter, unicorn)` says whether a unicorn passes one of the filters.
 */
export class List {
  constructor(fleet, test, on) {
    Object.assign(this, { fleet, test, on });
    this.query = "";
    this.filter = "all";
    this.sort = { column: "name", isDescending: false };
    this.order = new Uint32Array(0);
    this.active = undefined; // the unicorn that the keyboard is on
    this.selected = undefined;
    this.rows = [];
    this.isHeld = false;
    this.window = element("list-window");
    this.space = element("list-space");
    this.listen();
    this.showSort();
    new ResizeObserver(() => this.render()).observe(this.window);
  }

  listen() {
    this.window.addEventListener("scroll", () => this.render(), { passive: true });
    // Rows that change places under the pointer are clicked by mistake.
    this.space.addEventListener("pointerenter", (event) => (this.isHeld = event.pointerType === "mouse"));
    this.space.addEventListener("pointerleave", () => (this.isHeld = false));
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[role=row]");
      if (row) this.choose(this.order[row.ariaRowIndex - 2]);
    });
    for (const header of document.querySelectorAll("#list [data-sort]")) {
      header.addEventListener("click", () => this.sortBy(header.dataset.sort));
    }
    for (const chip of document.querySelectorAll("[data-filter]")) {
      chip.addEventListener("click", () => this.filterBy(chip.dataset.filter));
    }
    element("query").addEventListener("input", () => this.search(element("query").value));
    element("query").addEventListener("keydown", (event) => this.onQueryKey(event));
    element("list").addEventListener("keydown", (event) => this.onKey(event));
  }

  search(text) {
    this.query = fold(text.trim());
    this.window.scrollTop = 0;
    this.on.change();
  }

  filterBy(filter) {
    this.filter = filter;
    for (const chip of document.querySelectorAll("[data-filter]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.filter === filter));
    }
    this.window.scrollTop = 0;
    this.on.change();
  }

  /** Sorts by a column; once more turns it round. */
  sortBy(column) {
    const isDescending = this.sort.column === column && !this.sort.isDescending;
    this.sort = { column, isDescending };
    this.showSort();
    this.window.scrollTop = 0;
    this.on.change();
  }

  showSort() {
    for (const header of document.querySelectorAll("#list [data-sort]")) {
      const isSorted = header.dataset.sort === this.sort.column;
      header.setAttribute("aria-sort", isSorted ? (this.sort.isDescending ? "descending" : "ascending") : "none");
    }
  }

  /** Brings the rows up to date. `isForced` does so although the pointer is on them. */
  refresh(isForced = false) {
    if (!this.window.clientHeight) return;
    const isStill = this.isHeld && !isForced && this.order.length;
    if (!isStill) this.arrange();
    element("list").setAttribute("aria-rowcount", String(this.order.length + 1));
    this.space.style.height = `${this.order.length * ROW_PX}px`;
    this.render();
    const total = this.fleet.size.toLocaleString("en");
    element("list-count").textContent =
      this.query || this.filter !== "all" ? `${this.order.length.toLocaleString("en")} of ${total}` : `${total} unicorns`;
  }

  /** Shows how many pass each filter. */
  showCounts(counts) {
    for (const chip of document.querySelectorAll("[data-filter] b")) {
      put(chip, counts[chip.parentNode.dataset.filter].toLocaleString("en"));
    }
  }

  /** The unicorns of the list, in order. */
  arrange() {
    const { fleet, query, filter, sort, test } = this;
    const { names } = fleet;
    names.settle();
    const value = VALUES[sort.column];
    const keys = new Float64Array(fleet.size);
    let count = 0;
    for (let i = 0; i < fleet.size; i++) {
      const unicorn = fleet.list[i];
      if (filter !== "all" && !test(filter, unicorn)) continue;
      if (query && !names.folded[unicorn]?.includes(query)) continue;
      keys[count++] = sortKey(value?.(fleet, unicorn), names.rank[unicorn], sort.isDescending);
    }
    const sorted = keys.subarray(0, count).sort();
    if (!value && sort.isDescending) sorted.reverse();
    this.order = Uint32Array.from(sorted, (key) => names.ordered[key - Math.floor(key / RANKS) * RANKS]);
  }

  render() {
    const first = Math.max(0, Math.floor(this.window.scrollTop / ROW_PX) - SPARE_ROWS);
    const wanted = Math.ceil(this.window.clientHeight / ROW_PX) + 2 * SPARE_ROWS;
    const count = Math.max(0, Math.min(this.order.length - first, wanted));
    while (this.rows.length < count) this.rows.push(this.space.appendChild(makeRow(this.rows.length)));
    const active = this.order.indexOf(this.active);
    let activeRow;
    this.rows.forEach((row, i) => {
      row.hidden = i >= count;
      if (row.hidden) return;
      this.fill(row, first + i);
      if (first + i === active) activeRow = row;
    });
    if (activeRow) element("list").setAttribute("aria-activedescendant", activeRow.id);
    else element("list").removeAttribute("aria-activedescendant");
  }

  fill(row, index) {
    const { fleet } = this;
    const unicorn = this.order[index];
    const [name, health, magic, distance] = row.children;
    row.ariaRowIndex = String(index + 2);
    row.style.transform = `translateY(${index * ROW_PX}px)`;
    row.setAttribute("aria-selected", String(unicorn === this.selected));
    row.classList.toggle("active", unicorn === this.active);
    row.classList.toggle("faded", this.test("silent", unicorn));
    put(name, fleet.nameOf(unicorn));
    put(health.lastChild, String(fleet.health[unicorn]));
    health.firstChild.style.background = levelColour(healthLevel(fleet.health[unicorn]), theme());
    put(magic, String(fleet.magic[unicorn]));
    put(distance, metres(fleet.minuteDistance[unicorn]));
  }

  choose(unicorn) {
    if (unicorn === undefined) return;
    this.active = unicorn;
    this.on.choose(unicorn);
  }

  /** The unicorn `step` places on from the selected one. */
  beside(step) {
    if (!this.order.length) this.arrange();
    const { order } = this;
    if (!order.length) return undefined;
    const at = order.indexOf(this.selected);
    return order[at < 0 && step < 0 ? order.length - 1 : (at + step + order.length) % order.length];
  }

  show(unicorn) {
    this.selected = this.active = unicorn;
    this.reveal();
    this.render();
  }

  reveal() {
    const at = this.order.indexOf(this.active);
    if (at < 0) return;
    const { scrollTop, clientHeight } = this.window;
    if (at * ROW_PX < scrollTop) this.window.scrollTop = at * ROW_PX;
    else if ((at + 1) * ROW_PX > scrollTop + clientHeight) this.window.scrollTop = (at + 1) * ROW_PX - clientHeight;
  }

  onQueryKey(event) {
    if (event.key === "Enter") this.choose(this.order[0]);
    else if (event.key === "ArrowDown") element("list").focus();
    else if (event.key === "Escape" && element("query").value) this.search((element("query").value = ""));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  onKey(event) {
    if (event.target !== element("list")) return;
    const page = Math.max(1, Math.floor(this.window.clientHeight / ROW_PX) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") {
      this.choose(this.active);
    } else if (event.key in steps && this.order.length) {
      const at = this.order.indexOf(this.active) + steps[event.key];
      this.active = this.order[Math.max(0, Math.min(this.order.length - 1, at))];
      this.reveal();
      this.render();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

// One number that sorts by value and then by name; sorting plain numbers is many times quicker than comparing.
function sortKey(value, rank, isDescending) {
  if (value === undefined) return rank;
  const whole = Number.isNaN(value) ? VALUE_MAX : Math.round(value * 10) * (isDescending ? -1 : 1);
  return (whole + VALUE_MAX) * RANKS + rank;
}

/** Metres a minute as the list and the panel write them. */
export function metres(distance) {
  return Number.isNaN(distance) ? "–" : Math.round(distance).toLocaleString("en");
}

// Writing what is there already would cost a layout.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function makeRow(number) {
  const row = document.createElement("div");
  Object.assign(row, { className: "row", id: `row-${number}` });
  row.setAttribute("role", "row");
  for (let i = 0; i < 4; i++) {
    const cell = document.createElement("div");
    cell.setAttribute("role", "gridcell");
    row.append(cell);
  }
  row.children[0].dir = "auto";
  const swatch = Object.assign(document.createElement("span"), { className: "swatch" });
  row.children[1].append(swatch, document.createElement("span"));
  return row;
}
