// What the colours mean.

import { HEALTH_MAX, HEALTH_MIN, LEVELS, levelColour } from "../health.js";
import { onThemeChange, theme } from "../theme.js";

/** Draws the scale of health and keeps it in the theme's colours. */
export function showLegend() {
  const colours = () => Array.from({ length: LEVELS }, (_, level) => levelColour(level, theme()));
  const paint = () => {
    document.getElementById("legend-scale").style.background = `linear-gradient(to right, ${colours().join(", ")})`;
  };
  paint();
  onThemeChange(paint);
  const middle = (HEALTH_MIN + HEALTH_MAX) / 2;
  const texts = [`${HEALTH_MIN} or less`, String(middle), `${HEALTH_MAX} or more`];
  document.getElementById("legend-ticks").replaceChildren(
    ...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })),
  );
}
