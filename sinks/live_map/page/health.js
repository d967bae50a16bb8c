// Health as a colour. From orange over violet to light blue: the ends differ in the direction that every common kind
// of colour blindness keeps (yellow to blue), and all three in lightness.

export const LEVELS = 13;
/** Health where the scale ends; unicorns start in the middle. */
export const HEALTH_MIN = 50;
export const HEALTH_MAX = 250;

const STOPS = {
  light: [
    [0, 214, 84, 9],
    [0.5, 104, 72, 196],
    [1, 46, 167, 224],
  ],
  dark: [
    [0, 247, 127, 38],
    [0.5, 139, 109, 240],
    [1, 116, 211, 255],
  ],
};

/** 0 to LEVELS - 1. */
export function healthLevel(health) {
  const share = (health - HEALTH_MIN) / (HEALTH_MAX - HEALTH_MIN);
  return Math.round(Math.max(0, Math.min(1, share)) * (LEVELS - 1));
}

/** The CSS colour of a level in a theme, "light" or "dark". */
export function levelColour(level, theme) {
  const share = level / (LEVELS - 1);
  const stops = STOPS[theme];
  const upper = Math.max(1, stops.findIndex(([at]) => at >= share));
  const [low, ...from] = stops[upper - 1];
  const [high, ...to] = stops[upper];
  const part = (share - low) / (high - low);
  const mixed = from.map((value, i) => Math.round(value + (to[i] - value) * part));
  return `rgb(${mixed.join(" ")})`;
}
