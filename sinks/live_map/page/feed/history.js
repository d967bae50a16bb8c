// The per-minute rows of one unicorn: what the server has kept, and what comes while one looks.

const KEPT_MS = 30 * 60_000;

// A row of the table as the page uses it: its minute's end, metres, and the range of its health.
function asRow(values) {
  const timeMs = Date.parse(`${values.StatusTime.replace(" ", "T")}Z`);
  return {
    timeMs,
    distance: values.Distance,
    healthMin: values.MinHealthPoints,
    healthMax: values.MaxHealthPoints,
  };
}

/** Fetches them from `url(name)`, once per unicorn that is looked at. */
export class History {
  constructor(url) {
    this.url = url;
    this.name = undefined;
    this.rows = [];
    this.state = "idle";
    this.isOff = false;
  }

  /** Looks at another unicorn; `onChange()` is called when its rows are there. */
  async open(name, onChange) {
    this.close();
    this.name = name;
    if (this.isOff) return;
    this.state = "loading";
    const abort = (this.abort = new AbortController());
    try {
      const response = await fetch(this.url(name), { signal: abort.signal });
      if (!response.ok) throw new Error(String(response.status));
      const { rows } = await response.json();
      if (this.abort !== abort) return;
      rows.map(asRow).forEach((row) => this.add(row));
      this.state = "there";
    } catch {
      if (this.abort !== abort) return;
      this.state = "failed";
    }
    onChange();
  }

  close() {
    this.abort?.abort();
    this.abort = undefined;
    this.name = undefined;
    this.rows = [];
    this.state = "idle";
  }

  /** Takes one row; a minute that is there already is replaced. */
  add(row) {
    if (!Number.isFinite(row.timeMs)) return;
    const kept = this.rows.filter((other) => other.timeMs !== row.timeMs);
    kept.push(row);
    kept.sort((a, b) => a.timeMs - b.timeMs);
    const oldest = kept.at(-1).timeMs - KEPT_MS;
    this.rows = kept.filter((other) => other.timeMs > oldest);
  }
}
