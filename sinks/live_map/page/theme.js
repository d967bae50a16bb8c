// Light or dark, as the system says, and the colours that drawing needs from style.css.

const query = matchMedia("(prefers-color-scheme: dark)");

/** "light" or "dark". */
export function theme() {
  return query.matches ? "dark" : "light";
}

/** Calls back when the system changes its mind. */
export function onThemeChange(callback) {
  query.addEventListener("change", callback);
}

/** A custom property of style.css, without the leading dashes. */
export function cssColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
