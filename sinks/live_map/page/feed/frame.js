// Reads the feed's binary frames: the counterpart of sinks/live_map/frame.py, described in docs/live-map.md.

const MAGIC = 0x43494e55; // "UNIC", read as a little-endian number
export const VERSION = 2;
const HEADER_BYTES = 24;
const BYTES_PER_ENTRY = 16;

/** Kinds of frames. */
export const FULL = 0;
export const CHANGES = 1;
export const REST = 2;
export const ROWS = 3;

/**
 * The frame in `buffer`, `length` bytes from `offset` on, its columns as views of that buffer (typed arrays are
 * little-endian on every machine that runs a browser). Throws for anything that is not a whole frame of this version.
 */
export function decodeFrame(buffer, offset = 0, length = buffer.byteLength) {
  const isLongEnough = length >= HEADER_BYTES;
  const header = isLongEnough && new DataView(buffer, offset, HEADER_BYTES);
  if (!isLongEnough || header.getUint32(0, true) !== MAGIC || header.getUint8(4) !== VERSION) {
    throw new Error("The feed sent what is not a frame of this version: reload the page");
  }
  const kind = header.getUint8(5);
  const count = header.getUint32(8, true);
  if (length < HEADER_BYTES + count * BYTES_PER_ENTRY || kind > ROWS) {
    throw new Error("The feed sent a frame of the wrong length");
  }
  let at = offset + HEADER_BYTES;
  const column = (Type) => {
    const view = new Type(buffer, at, count);
    at += view.byteLength;
    return view;
  };
  const frame = { kind, count, sequence: header.getUint32(12, true), timeMs: header.getFloat64(16, true) };
  if (kind === ROWS) {
    return Object.assign(frame, {
      unicorn: column(Uint32Array),
      distanceDm: column(Uint32Array),
      healthMin: column(Int16Array),
      healthMax: column(Int16Array),
      magicMin: column(Int16Array),
      magicMax: column(Int16Array),
    });
  }
  return Object.assign(frame, {
    who: column(Uint32Array), // read with idOf and ageMsOf
    longitude: column(Int32Array), // 1e-7 degrees
    latitude: column(Int32Array), // 1e-7 degrees
    how: column(Uint32Array), // read with healthOf, magicOf and headingOf
  });
}

export const idOf = (who) => who & 0xfffff;
export const ageMsOf = (who) => (who >>> 20) * 8;
export const healthOf = (how) => (how << 20) >> 20;
export const magicOf = (how) => (how << 8) >> 20;
/** As a share of a full turn clockwise from north, or NaN. */
export const headingOf = (how) => (how >>> 24 === 255 ? NaN : (how >>> 24) / 240);
