// Reads the feed's binary frames: the counterpart of sinks/live_map/frame.py, described in docs/live-map.md.

const MAGIC = 0x43494e55; // "UNIC", read as a little-endian number
export const VERSION = 1;
const HEADER_BYTES = 24;
const BYTES_PER_UNICORN = 20;
const FULL = 0;

/**
 * The frame in an ArrayBuffer, its columns as views of that buffer (typed arrays are little-endian on every
 * machine that runs a browser). Throws for anything that is not a whole frame of this version.
 */
export function decodeFrame(buffer) {
  const header = new DataView(buffer);
  const isOurs = buffer.byteLength >= HEADER_BYTES && header.getUint32(0, true) === MAGIC;
  if (!isOurs || header.getUint8(4) !== VERSION) throw new Error("The feed sent what is not a frame");
  const count = header.getUint32(8, true);
  if (buffer.byteLength !== HEADER_BYTES + count * BYTES_PER_UNICORN) {
    throw new Error("The feed sent a frame of the wrong length");
  }
  let offset = HEADER_BYTES;
  const column = (Type) => {
    const view = new Type(buffer, offset, count);
    offset += view.byteLength;
    return view;
  };
  return {
    isFull: header.getUint8(5) === FULL,
    sequence: header.getUint32(12, true),
    timeMs: header.getFloat64(16, true),
    count,
    unicorn: column(Uint32Array),
    longitude: column(Int32Array), // 1e-7 degrees
    latitude: column(Int32Array), // 1e-7 degrees
    ageMs: column(Uint16Array),
    distanceDm: column(Uint16Array),
    health: column(Int16Array),
    magic: column(Int16Array),
  };
}
