"use strict";
// Colours of grey values, of differences, of errors and of reliability.
const colours = (() => {
  // Stops from no difference to the end of the scale: blue where the prediction is darker, orange where brighter.
  // Both get lighter with size and start from black, so that they can be told apart without colour vision.
  const DARKER = [[14, 14, 16], [0, 92, 160], [86, 180, 233], [205, 236, 255]];
  const BRIGHTER = [[14, 14, 16], [168, 66, 0], [240, 150, 20], [255, 232, 170]];
  // Ever lighter with the error, through hues that differ for all kinds of colour vision (after inferno).
  const ERROR = [[0, 0, 4], [40, 11, 84], [101, 21, 110], [159, 42, 99], [212, 72, 66], [245, 125, 21], [250, 193, 39], [252, 255, 164]];

  function between(stops, share) {
    const place = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    return stops[below].map((value, i) => Math.round(value + (place - below) * (stops[below + 1][i] - value)));
  }

  const signed = (share) => between(share < 0 ? DARKER : BRIGHTER, Math.abs(share));
  const error = (share) => between(ERROR, share);
  const pack = ([red, green, blue]) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;

  // What level (0 to 255) a grey value has in a window.
  const inWindow = (value, [low, high]) => Math.round(255 * Math.min(Math.max((value - low) / (high - low), 0), 1));

  // The screen's grey of every stored level.
  function greyLevels({ low, step, levels }, window) {
    return Uint8Array.from({ length: levels }, (_, level) => inWindow(low + step * level, window));
  }

  // What cannot be trusted lies under a wine red veil, the thicker the less; what can be trusted shows as it is.
  const VEIL = [150, 60, 110];
  const veiled = (grey, reliability) => VEIL.map((part) => Math.round(grey + 0.6 * (1 - reliability) * (part - grey)));

  const PLACES = 512;
  const scale = (colourOf, from) => Uint32Array.from({ length: PLACES + 1 }, (_, i) => pack(colourOf(from + ((1 - from) * i) / PLACES)));
  const signedScale = scale(signed, -1);
  const errorScale = scale(error, 0);
  const unknown = pack([84, 130, 112]); // of no scale: black is an error of 0 mm
  const greyScale = Uint32Array.from({ length: 256 }, (_, level) => pack([level, level, level]));

  const place = (share, from) => Math.round(PLACES * Math.min(Math.max((share - from) / (1 - from), 0), 1));
  const ofDifference = (share) => signedScale[place(share, -1)];
  const ofError = (share) => errorScale[place(share, 0)];

  function gradient(kind) {
    if (kind === "grey") return "linear-gradient(to right, #000, #fff)";
    const [colourOf, from] = { difference: [signed, -1], error: [error, 0], reliability: [(share) => veiled(64, share), 0] }[kind];
    const stops = Array.from({ length: 41 }, (_, i) => `rgb(${colourOf(from + ((1 - from) * i) / 40).join(" ")})`);
    return `linear-gradient(to right, ${stops.join(", ")})`;
  }

  function paint(canvas, colourOf) {
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colourOf(i);
    context.putImageData(image, 0, 0);
  }

  return { greyLevels, greyScale, unknown, ofDifference, ofError, veiled, gradient, paint, pack };
})();
