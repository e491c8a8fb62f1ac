"use strict";
// Arrays back from the text that cinecast.report.packing makes of them, to the very same numbers.
const unpack = (() => {
  async function inflate(text) {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
    const { readable, writable } = new DecompressionStream("deflate");
    const writer = writable.getWriter();
    writer.write(bytes);
    writer.close();
    return gather(readable.getReader());
  }

  // Twice as fast as a Response of the stream.
  async function gather(reader) {
    const parts = [];
    let length = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      length += part.value.length;
    }
    const whole = new Uint8Array(length);
    let end = 0;
    for (const part of parts) {
      whole.set(part, end);
      end += part.length;
    }
    return whole;
  }

  const volume = (shape) => shape.reduce((product, length) => product * length, 1);

  // All first bytes lie before all second bytes and so on, the least significant first.
  async function floats({ shape, data }) {
    const planes = await inflate(data);
    const count = volume(shape);
    const bits = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      bits[i] = planes[i] | (planes[count + i] << 8) | (planes[2 * count + i] << 16) | (planes[3 * count + i] << 24);
    }
    return new Float32Array(bits.buffer);
  }

  // Pictures of 16-bit whole numbers, each stored as what it differs by from left + upper - upper left.
  async function integers({ kind, shape, data }) {
    const planes = await inflate(data);
    const count = volume(shape);
    const [height, width] = shape.slice(-2);
    const values = new (kind === "int16" ? Int16Array : Uint16Array)(count);
    for (let i = 0; i < count; i++) {
      const folded = planes[i] | (planes[count + i] << 8);
      values[i] = (folded >>> 1) ^ -(folded & 1);
    }
    for (let start = 0; start < count; start += width) {
      for (let i = start + 1; i < start + width; i++) values[i] += values[i - 1];
      if ((start / width) % height) for (let i = start; i < start + width; i++) values[i] += values[i - width];
    }
    return values;
  }

  // One view per picture of a stack whose first axis counts them.
  function split(values, count) {
    const length = values.length / count;
    return Array.from({ length: count }, (_, n) => values.subarray(n * length, (n + 1) * length));
  }

  return { floats, inflate, integers, split };
})();
