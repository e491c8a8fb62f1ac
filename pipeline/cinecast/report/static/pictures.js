"use strict";
// Pictures as grey levels 0 to 255, and their colours.
const pictures = (() => {
  // Stops from no difference to the end of the scale: blue where the prediction is darker, orange where brighter.
  // Both get lighter with size and start from black, so that they can be told apart without colour vision.
  const DARKER = [[14, 14, 16], [0, 92, 160], [86, 180, 233], [205, 236, 255]];
  const BRIGHTER = [[14, 14, 16], [168, 66, 0], [240, 150, 20], [255, 232, 170]];

  async function decodeOne(base64, count) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const blob = new Blob([bytes], { type: "image/webp" });
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const levels = new Uint8Array(count);
    for (let i = 0; i < count; i++) levels[i] = data[4 * i];
    return levels;
  }

  // Every picture but the first holds the difference to the one before, modulo 256.
  async function decode(stack, count) {
    const frames = await Promise.all(stack.map((picture) => decodeOne(picture, count)));
    for (let n = 1; n < frames.length; n++) {
      for (let i = 0; i < count; i++) frames[n][i] += frames[n - 1][i];
    }
    return frames;
  }

  function colour(fraction) {
    const stops = fraction < 0 ? DARKER : BRIGHTER;
    const place = Math.min(Math.abs(fraction), 1) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    return stops[below].map((value, i) => Math.round(value + (place - below) * (stops[below + 1][i] - value)));
  }

  // A list of colours as the bytes of opaque pixels, four at a time: painting is then one lookup per pixel.
  function palette(colours) {
    return new Uint32Array(new Uint8Array(colours.flatMap((rgb) => [...rgb, 255])).buffer);
  }

  const greys = palette(Array.from({ length: 256 }, (_, level) => [level, level, level]));

  // Colours of differences -255 to 255 where the scale ends at a percentage of the window.
  function differenceColours(limitPercent) {
    return palette(Array.from({ length: 511 }, (_, i) => colour(((i - 255) / 255) * (100 / limitPercent))));
  }

  function gradient() {
    const stops = Array.from({ length: 41 }, (_, i) => `rgb(${colour((i - 20) / 20).join(" ")})`);
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }

  function paint(canvas, colourOf) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colourOf(i);
    context.putImageData(image, 0, 0);
  }

  return { decode, greys, differenceColours, gradient, paint };
})();
