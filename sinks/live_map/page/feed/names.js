// The names in order, kept so while new ones come in.

const KEY_CHARACTERS = 64;
const DIGITS = 9;

/** Names by id, as they are searched, their keys for comparing, and each id's rank in the order of names. */
export class Names {
  constructor() {
    this.clear();
  }

  clear() {
    this.texts = [];
    this.folded = [];
    this.keys = [];
    this.ids = new Map();
    this.ordered = new Uint32Array(0); // ids by name
    this.rank = new Uint32Array(0); // by id: where it stands in `ordered`
    this.fresh = [];
  }

  learn(first, names) {
    names.forEach((name, i) => {
      const unicorn = first + i;
      if (this.keys[unicorn] === undefined) this.fresh.push(unicorn);
      this.texts[unicorn] = name;
      this.folded[unicorn] = fold(name);
      this.keys[unicorn] = sortKey(this.folded[unicorn]);
      this.ids.set(name, unicorn);
    });
  }

  /** Brings `ordered` and `rank` up to date: sorts what is new and merges it in. */
  settle() {
    const { fresh, keys } = this;
    if (!fresh.length) return;
    const before = (a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b);
    fresh.sort(before);
    const merged = new Uint32Array(this.ordered.length + fresh.length);
    let from = 0;
    let next = 0;
    for (let i = 0; i < merged.length; i++) {
      const takesOld = next === fresh.length || (from < this.ordered.length && before(this.ordered[from], fresh[next]) < 0);
      merged[i] = takesOld ? this.ordered[from++] : fresh[next++];
    }
    this.ordered = merged;
    this.rank = new Uint32Array(keys.length);
    for (let i = 0; i < merged.length; i++) this.rank[merged[i]] = i;
    this.fresh = [];
  }
}

/** A name as it is searched: without accents and case. */
export function fold(name) {
  return name.slice(0, KEY_CHARACTERS).normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

// Numbers by value: "Unicorn 9" before "Unicorn 10".
function sortKey(folded) {
  return folded.replace(/\d+/g, (digits) => digits.padStart(DIGITS, "0"));
}
