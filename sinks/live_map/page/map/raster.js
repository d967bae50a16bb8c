// Pixels of our own: a typed array that is drawn into and then handed to the canvas in one go. With ten thousand
// unicorns that is many times quicker than a canvas' own drawing, with or without a graphics processor (docs/live-map.md
// has the figures).

const SOLID = 255;

/** A window of pixels with a margin round it, so that what is partly outside needs no clipping. */
export class Raster {
  constructor(width, height, margin) {
    this.width = width;
    this.height = height;
    this.margin = margin;
    this.stride = width + 2 * margin;
    this.rows = height + 2 * margin;
    this.image = new ImageData(this.stride, this.rows);
    // One number a pixel: alpha, blue, green, red from the highest byte down (every browser's machine is little-endian).
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  clear() {
    this.pixels.fill(0);
  }

  /** Copies the window to the canvas. */
  show(context) {
    const { margin } = this;
    context.putImageData(this.image, -margin, -margin, margin, margin, this.width, this.height);
  }

  /** The index of a pixel, given in the window's coordinates, whole numbers no further out than the margin. */
  index(x, y) {
    return (y + this.margin) * this.stride + x + this.margin;
  }

  /** Puts a sprite's middle at an index. */
  stamp(sprite, at) {
    const { pixels } = this;
    const { solid, solidColours, edge, edgeColours } = sprite;
    for (let i = 0; i < solid.length; i++) pixels[at + solid[i]] = solidColours[i];
    for (let i = 0; i < edge.length; i++) {
      const to = at + edge[i];
      const colour = edgeColours[i];
      pixels[to] = pixels[to] === 0 ? colour : over(colour, pixels[to], colour >>> 24);
    }
  }

  /** The same, faintly: `opacity` is 0 to 255. */
  stampFaint(sprite, at, opacity) {
    const { pixels } = this;
    const put = (offsets, colours) => {
      for (let i = 0; i < offsets.length; i++) {
        const to = at + offsets[i];
        const colour = colours[i];
        const alpha = ((colour >>> 24) * opacity + 127) / 255 | 0;
        const faint = ((colour & 0xffffff) | (alpha << 24)) >>> 0;
        pixels[to] = pixels[to] === 0 ? faint : over(faint, pixels[to], alpha);
      }
    };
    put(sprite.solid, sprite.solidColours);
    put(sprite.edge, sprite.edgeColours);
  }

  /**
   * A smooth line, `thick` pixels wide, of colour `rgb` (0xbbggrr) and `alpha` 0 to 255. Where lines cross the stronger one
   * stays: a knot of trails is no darker than one. Both ends must lie within the margin.
   */
  line(x0, y0, x1, y1, thick, rgb, alpha) {
    const isSteep = Math.abs(y1 - y0) > Math.abs(x1 - x0);
    const major = isSteep ? y1 - y0 : x1 - x0;
    const minor = isSteep ? x1 - x0 : y1 - y0;
    const steps = Math.ceil(Math.abs(major));
    if (steps === 0) return;
    const across = isSteep ? 1 : this.stride;
    const along = isSteep ? this.stride : 1;
    const sign = major < 0 ? -1 : 1;
    const slope = (minor / Math.abs(major)) || 0;
    let position = isSteep ? x0 : y0;
    position -= (thick - 1) / 2;
    let start = Math.round(isSteep ? y0 : x0);
    const { pixels, margin, stride } = this;
    let base = isSteep ? (start + margin) * stride + margin : margin * stride + start + margin;
    for (let i = 0; i < steps; i++) {
      const whole = Math.floor(position);
      const part = position - whole;
      let to = base + whole * across;
      raise(pixels, to, rgb, (1 - part) * alpha);
      for (let j = 1; j < thick; j++) raise(pixels, (to += across), rgb, alpha);
      raise(pixels, to + across, rgb, part * alpha);
      position += slope;
      base += sign * along;
    }
  }
}

function raise(pixels, at, rgb, alpha) {
  const strength = alpha | 0;
  if (pixels[at] >>> 24 < strength) pixels[at] = ((strength << 24) | rgb) >>> 0;
}

// `above` with its alpha, laid over `below`; both straight, not premultiplied. Red and blue are mixed in one go.
function over(above, below, alpha) {
  const belowAlpha = below >>> 24;
  const sum = alpha + ((belowAlpha * (SOLID - alpha)) / SOLID | 0);
  if (sum === 0) return 0;
  const weight = (alpha * 256) / sum | 0;
  const rest = 256 - weight;
  const redBlue = (((above & 0xff00ff) * weight + (below & 0xff00ff) * rest) >>> 8) & 0xff00ff;
  const green = (((above & 0x00ff00) * weight + (below & 0x00ff00) * rest) >>> 8) & 0x00ff00;
  return ((sum << 24) | redBlue | green) >>> 0;
}
