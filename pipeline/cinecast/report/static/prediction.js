"use strict";
// Predicted frames as levels and errors in mm, of arrays alone: a thread beside the page makes those of a line over time.
const predictionHere = (splat) => {
  // One after another, as sums of the parts of a basis: modes, each all x and then all y in pixels.
  function addTimes(field, mode, weight) {
    for (let i = 0; i < field.length; i++) field[i] += weight * mode[i];
  }

  function reconstruct({ modes }, mean, weights) {
    const field = new Float64Array(mean);
    weights.forEach((weight, k) => addTimes(field, modes[k], weight));
    return field;
  }

  function roundHalfEven(value) {
    const rounded = Math.round(value);
    return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
  }

  // Grey values of the splat, rounded as cinecast.warp rounds them, as levels.
  function toLevels(values, floors, { low, step, levels, isWhole }) {
    const out = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = floors ? Math.floor(values[i]) : isWhole ? roundHalfEven(values[i]) : values[i];
      out[i] = Math.min(Math.max(Math.round((value - low) / step), 0), levels - 1);
    }
    return out;
  }

  // How far a model with these weights can move anything along x (0) or y (1), in pixels.
  function reach(basis, mean, weights, axis) {
    const furthest = (field) => (basis.furthest ??= new Map()).get(field)?.[axis] ?? basis.furthest.set(field, bothAxes(field)).get(field)[axis];
    return weights.reduce((sum, weight, k) => sum + Math.abs(weight) * furthest(basis.modes[k]), furthest(mean));
  }

  function mostOf(field, from, to) {
    let most = 0;
    for (let i = from; i < to; i++) most = Math.max(most, Math.abs(field[i]));
    return most;
  }
  const bothAxes = (field) => [mostOf(field, 0, field.length / 2), mostOf(field, field.length / 2, field.length)];

  // The part of a picture, or of all x and all y of a field, that lies in a band of rows and columns.
  function crop(picture, { left, right, top, bottom }, width, out = new Float64Array((right - left) * (bottom - top))) {
    for (let row = top, i = 0; row < bottom; row++) for (let column = left; column < right; column++) out[i++] = picture[row * width + column];
    return out;
  }

  // Fields in a band: those of a basis are cropped once for all frames of a line.
  function inBand(field, band, width) {
    const [half, count] = [field.length / 2, (band.right - band.left) * (band.bottom - band.top)];
    const out = new Float64Array(2 * count);
    crop(field.subarray(0, half), band, width, out.subarray(0, count));
    crop(field.subarray(half), band, width, out.subarray(count));
    return out;
  }
  function modesInBand(basis, band, width) {
    const key = Object.values(band).join();
    if (basis.cropped?.key !== key) basis.cropped = { key, modes: basis.modes.map((mode) => inBand(mode, band, width)) };
    return basis.cropped.modes;
  }

  // The levels of an area { left, right, top, bottom } (half open) of the frame that weights predict. Only pixels that can
  // reach the area are pushed: a line is found many times sooner than the frame it belongs to.
  const WIDER = 8; // in steps of so many pixels, so that most frames have the same band
  function predict({ basis, image, shape: [height, width], kernel, grey }, mean, weights, area) {
    const isPicture = area.right - area.left === width && area.bottom - area.top === height;
    const [besides, above] = isPicture ? [0, 0] : [0, 1].map((axis) => {
      const furthest = Math.ceil(reach(basis, mean, weights, axis)) + kernel.half + 1;
      return Math.min(Math.ceil(furthest / WIDER) * WIDER, width + height);
    });
    const band = {
      left: Math.max(area.left - besides, 0), right: Math.min(area.right + besides, width),
      top: Math.max(area.top - above, 0), bottom: Math.min(area.bottom + above, height),
    };
    const isWhole = band.left === 0 && band.top === 0 && band.right === width && band.bottom === height;
    const part = isWhole ? basis : { modes: modesInBand(basis, band, width) };
    const field = reconstruct(part, isWhole ? mean : inBand(mean, band, width), weights);
    const within = { left: area.left - band.left, right: area.right - band.left, top: area.top - band.top, bottom: area.bottom - band.top };
    const values = splat(isWhole ? image : crop(image, band, width), field, band.right - band.left, band.bottom - band.top, kernel, within);
    return toLevels(values, kernel.floors, grey);
  }

  // Distance in mm between where the tissue of pixels went and where it was forecast to go, of the pixels of a line
  // { start, step, count }. truth: x and y of each of them, in units of which `scale` are pixels.
  function errors({ basis, shape: [height, width], spacing: [alongRows, alongColumns] }, mean, weights, { truth, scale }, { start, step, count }) {
    // Of one component of the vectors, in mm.
    const apart = (axis, spacing) => {
      const offset = axis * width * height;
      const field = new Float64Array(count);
      for (let i = 0, at = offset + start; i < count; i++, at += step) field[i] = mean[at];
      weights.forEach((weight, k) => {
        const mode = basis.modes[k];
        for (let i = 0, at = offset + start; i < count; i++, at += step) field[i] += weight * mode[at];
      });
      for (let i = 0; i < count; i++) field[i] = (truth[axis][i] * scale[axis] - field[i]) * spacing;
      return field;
    };
    const [x, y] = [apart(0, alongColumns), apart(1, alongRows)];
    const error = new Float32Array(count);
    for (let i = 0; i < count; i++) error[i] = Math.sqrt(x[i] * x[i] + y[i] * y[i]);
    return error;
  }

  // Of each frame the predicted levels of a line, and its errors where the truth is known; null without a forecast.
  function strips({ of, means, frames, line, scale }) {
    const each = (make) => frames.map((frame) => (frame.weights ? make(frame, means[frame.mean]) : null));
    return {
      predicted: each(({ weights }, mean) => predict(of, mean, weights, line.area)),
      errors: each(({ weights, truth }, mean) => truth && errors(of, mean, weights, { truth, scale }, line)),
    };
  }

  return { reconstruct, toLevels, predict, errors, strips };
};
const prediction = predictionHere(splatHere());
