// Keeps one unicorn in the middle of the map.

const GLIDE_S = 0.9;
const OFF_PX = 2;

/** Follows on `map` what `position()` gives, until somebody drags the map. */
export class Follow {
  constructor(map, position, onChange) {
    Object.assign(this, { map, position, onChange });
    this.isOn = false;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.on("dragstart", () => this.set(false));
  }

  set(isOn) {
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    this.onChange(isOn);
    this.step();
  }

  /** To be called about once a second: the map glides to where the unicorn is. */
  step() {
    if (!this.isOn) return;
    const { map } = this;
    const position = this.position();
    const off = map.latLngToContainerPoint(position).distanceTo(map.getSize().divideBy(2));
    if (off < OFF_PX) return;
    map.panTo(position, { animate: !this.isCalm, duration: GLIDE_S, easeLinearity: 1, noMoveStart: true });
  }
}
