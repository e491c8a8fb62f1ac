"use strict";
// Arrays back from the text that cinecast.report.packing makes of them, to the very same numbers.
const unpackHere = () => {
  // The digits of base 85 as cinecast.report.text_of_bytes has them, by the code of their character.
  const DIGITS = new Uint8Array(128);
  for (let code = 33, digit = 0; digit < 85; code++) if (!'"&<>\\'.includes(String.fromCharCode(code))) DIGITS[code] = digit++;

  // Five digits of base 85 are four bytes, the first byte first; the last bytes have one digit more than they are.
  function bytesOf(text) {
    const whole = text.length - (text.length % 5);
    const bytes = new Uint8Array(Math.floor((text.length * 4) / 5));
    const digit = (i) => DIGITS[text.charCodeAt(i)];
    const number = (a, b, c, d, e) => Math.imul(((a * 85 + b) * 85 + c) * 85 + d, 85) + e;
    let at = 0;
    for (let i = 0; i < whole; i += 5, at += 4) {
      const value = number(digit(i), digit(i + 1), digit(i + 2), digit(i + 3), digit(i + 4));
      bytes[at] = value >>> 24;
      bytes[at + 1] = value >>> 16;
      bytes[at + 2] = value >>> 8;
      bytes[at + 3] = value;
    }
    const last = number(...Array.from({ length: 5 }, (_, n) => (whole + n < text.length ? digit(whole + n) : 84)));
    for (let shift = 24; at < bytes.length; at++, shift -= 8) bytes[at] = last >>> shift;
    return bytes;
  }

  // Twice as fast as a Response of the stream.
  async function inflate(text) {
    const { readable, writable } = new DecompressionStream("deflate");
    const writer = writable.getWriter();
    writer.write(bytesOf(text));
    writer.close();
    const reader = readable.getReader();
    const parts = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
    const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
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

  function fromPlanes(planes, count = planes.length / 2) {
    const values = new Uint16Array(count);
    for (let i = 0; i < count; i++) values[i] = planes[i] | (planes[count + i] << 8);
    return values;
  }

  // Two numbers in a byte; 15 stands for a larger one, which the others have.
  function fromPairs(pairs, others, count) {
    const values = new Uint16Array(count);
    let next = 0;
    for (let i = 0, at = 0; i < count; at++) {
      const pair = pairs[at];
      const first = pair & 15;
      values[i++] = first < 15 ? first : 15 + others[next++];
      if (i < count) {
        const second = pair >>> 4;
        values[i++] = second < 15 ? second : 15 + others[next++];
      }
    }
    return values;
  }

  async function folded({ shape, data, small, large }) {
    if (data !== undefined) return fromPlanes(await inflate(data));
    const [pairs, others] = await Promise.all([small, large].map(inflate));
    return fromPairs(pairs, fromPlanes(others), volume(shape));
  }

  // Pictures of 16-bit whole numbers, each stored as what it differs by from left + upper - upper left.
  async function integers(packed) {
    const stored = await folded(packed);
    const values = packed.kind === "int16" ? new Int16Array(stored.buffer) : stored;
    const [height, width] = packed.shape.slice(-2);
    for (let start = 0, row = 0; start < values.length; start += width, row++) {
      const above = row % height ? start - width : -1; // of the first row nothing lies above
      let left = 0;
      for (let i = start, end = start + width, up = above; i < end; i++, up++) {
        const fold = stored[i];
        left += (fold >>> 1) ^ -(fold & 1);
        values[i] = above < 0 ? left : left + values[up];
      }
    }
    return values;
  }

  // Pictures of which each of the first axis has its own size of a step.
  async function inSteps({ steps, values }) {
    const whole = await integers(values);
    const length = whole.length / steps.length;
    const out = new Float32Array(whole.length);
    steps.forEach((step, n) => { for (let i = n * length, end = i + length; i < end; i++) out[i] = whole[i] * step; });
    return out;
  }

  return { floats, inflate, inSteps, integers };
};

const unpack = (() => {
  // What is small is there before a thread would have started, which waits for a pause of the page.
  const SMALL = 2 ** 20; // characters
  const here = unpackHere();
  const size = (packed) => (typeof packed === "string" ? packed.length : packed !== null && typeof packed === "object" ? Object.values(packed).reduce((sum, each) => sum + size(each), 0) : 0);
  let inThread = null;
  const start = () => (inThread ??= threads(`(${unpackHere})()`, here));
  const ask = (kind, packed) => (size(packed) < SMALL ? here[kind](packed) : start()(kind, packed));

  // Begins with all arrays of what a script holds, so that they are there, or nearly, when they are asked for.
  const begun = new WeakMap();
  const kindOf = (packed) => (packed.steps ? "inSteps" : { float32: "floats", int16: "integers", uint16: "integers" }[packed.kind]);
  function begin(content) {
    if (content === null || typeof content !== "object") return;
    const kind = kindOf(content);
    if (!kind) return Object.values(content).forEach(begin);
    const values = ask(kind, content);
    values.catch(() => {}); // said when it is asked for
    begun.set(content, values);
  }

  const asking = (kind) => (packed) => {
    const values = begun.get(packed);
    begun.delete(packed); // whoever asks keeps it
    return values ?? ask(kind, packed);
  };

  // One view per picture of a stack whose first axis counts them.
  function split(values, count) {
    const length = values.length / count;
    return Array.from({ length: count }, (_, n) => values.subarray(n * length, (n + 1) * length));
  }

  return { start, begin, split, ...Object.fromEntries(["floats", "inflate", "inSteps", "integers"].map((kind) => [kind, asking(kind)])) };
})();
