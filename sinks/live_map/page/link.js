// The part of the address after the #: what one looks at, so that a link shows others the same.

const FIELDS = { unicorn: String, zoom: Number, lat: Number, lon: Number, follow: Number, from: String, to: String, speed: Number };
const RANGES = { zoom: [2, 18], lat: [-85, 85], lon: [-180, 180], follow: [0, 1], speed: [1, 60] };
const TEXT_MAX = 300;

/** What an address' hash asks for; what makes no sense is left out. */
export function readLink(hash) {
  const asked = {};
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const Type = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (!Type || text === "" || text.length > TEXT_MAX) continue;
    const value = Type(text);
    const [low, high] = RANGES[name] ?? [];
    if (Type === Number && !(value >= low && value <= high)) continue;
    asked[name] = value;
  }
  return asked;
}

/** The hash for what is shown; undefined values are left out. */
export function writeLink(shown) {
  const said = Object.entries(shown).filter(([, value]) => value !== undefined && value !== "");
  return said.length ? `#${new URLSearchParams(said)}` : "";
}
