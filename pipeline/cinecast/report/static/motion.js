"use strict";
// What moved and what was forecast to move: vector fields in pixels, predicted frames as levels, errors in mm.
const motion = (() => {
  const { state } = cinecast;
  const once = (make) => {
    const made = new Map();
    return (key) => made.get(key) ?? made.set(key, make(key)).get(key);
  };
  const size = () => state.numbers.shape[0] * state.numbers.shape[1];

  // Arrays --------------------------------------------------------------------------------------------------------

  const frames = once(async () => {
    const { real, references } = await cinecast.load("frames");
    // Asked for together: else the references would wait for all that others have asked for meanwhile.
    const [levels, ...greys] = await Promise.all([unpack.integers(real), ...references.map(unpack.floats)]);
    return { real: unpack.split(levels, state.numbers.player_frames.length), references: greys };
  });

  // The measured motion in whole steps of mm, null where the run lacks it.
  const flow = once(async (number) => {
    if (!state.numbers.flows[number]?.has_dvf) return null;
    const { step_mm, dvf } = await cinecast.load(`flow_${number}`);
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    return {
      fields: unpack.split(await unpack.integers(dvf), state.numbers.player_frames.length),
      scale: [step_mm / alongColumns, step_mm / alongRows],
    };
  });

  const model = once(async (number) => {
    const { mean, modes, weights, drifts, reliability } = await cinecast.load(`model_${number}`);
    const [meanValues, modeValues, weightValues] = await Promise.all([unpack.inSteps(mean), unpack.inSteps(modes), unpack.floats(weights)]);
    const count = modes.steps.length;
    return {
      mean: meanValues, modes: unpack.split(modeValues, count), weights: unpack.split(weightValues, count),
      reliability: reliability && (await unpack.integers(reliability)), // in percent
      drifts: drifts && unpack.split(await unpack.integers(drifts), drifts.shape[0]), drift: state.numbers.models[number].drift,
    };
  });

  const content = once(async (id) => {
    const { forecasts, scores } = await cinecast.load(id);
    const [runs, modes, length] = forecasts.shape;
    const values = await unpack.floats(forecasts);
    return {
      runs, modes, length, values,
      // Weight of a mode over time in one run.
      series: (run, mode) => values.subarray((run * modes + mode) * length, (run * modes + mode + 1) * length),
      scoredRuns: scores ? scores.shape[0] : 0,
      scores: scores && (await unpack.floats(scores)),
      scoreShape: scores?.shape,
    };
  });

  // Fields ----------------------------------------------------------------------------------------------------------

  function measuredField(measured, position) {
    const steps = measured.fields[position];
    const field = new Float64Array(steps.length);
    const half = steps.length / 2;
    for (let i = 0; i < half; i++) {
      field[i] = steps[i] * measured.scale[0];
      field[half + i] = steps[half + i] * measured.scale[1];
    }
    return field;
  }

  // One method at one horizon, with all that it takes to show what it forecast.
  const forecast = once(async (id) => {
    const entry = state.numbers.entries.find((each) => each.id === id);
    const [own, basis, pictures] = await Promise.all([content(id), model(entry.model), frames()]);
    const flowNumber = state.numbers.models[entry.model].flow;
    return { entry, own, basis, flowNumber, reference: pictures.references[flowNumber] };
  });

  // Weights that a run forecast for a frame; null where there are none.
  function weightsAt({ own }, run, frame) {
    const weights = Array.from({ length: own.modes }, (_, mode) => own.series(run, mode)[frame]);
    return weights.every(Number.isFinite) ? weights : null;
  }

  // The mean motion that a forecast of a frame is made with: as it had drifted when the forecast was issued, see cinecast.motion.drift.
  function meanFor({ basis, entry }, frame) {
    if (!entry.follows_drift) return basis.mean;
    const { interval, first_row: firstRow, step_px: step } = basis.drift;
    const row = Math.max(0, Math.floor((cinecast.issuedAt(entry, frame) + 1) / interval) - firstRow);
    basis.drifted ??= new Map();
    if (!basis.drifted.has(row)) {
      const mean = new Float64Array(basis.mean);
      addTimes(mean, basis.drifts[row], step);
      basis.drifted.set(row, mean);
    }
    return basis.drifted.get(row);
  }

  function addTimes(field, mode, weight) {
    for (let i = 0; i < field.length; i++) field[i] += weight * mode[i];
  }

  function reconstruct(of, weights, frame) {
    const field = new Float64Array(meanFor(of, frame));
    weights.forEach((weight, k) => addTimes(field, of.basis.modes[k], weight));
    return field;
  }

  const frameOf = (position) => state.numbers.player_frames[position];

  function forecastField(of, run, position) {
    const frame = frameOf(position);
    const weights = weightsAt(of, run, frame);
    return weights && reconstruct(of, weights, frame);
  }

  // Predicted frames ------------------------------------------------------------------------------------------------

  function roundHalfEven(value) {
    const rounded = Math.round(value);
    return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
  }

  // Grey values of the splat, rounded as cinecast.warp rounds them, as levels.
  function toLevels(values, { floors }) {
    const { grey: { low, step, levels }, integer_grey: whole } = state.numbers;
    const out = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = floors ? Math.floor(values[i]) : whole ? roundHalfEven(values[i]) : values[i];
      out[i] = Math.min(Math.max(Math.round((value - low) / step), 0), levels - 1);
    }
    return out;
  }

  // How far a model with these weights can move anything along x (0) or y (1), in pixels.
  function reach({ basis }, mean, weights, axis) {
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
  function crop(picture, { left, right, top, bottom }, out = new Float64Array((right - left) * (bottom - top))) {
    const width = state.numbers.shape[1];
    for (let row = top, i = 0; row < bottom; row++) for (let column = left; column < right; column++) out[i++] = picture[row * width + column];
    return out;
  }

  // Fields in a band: those of a basis are cropped once for all frames of a line.
  function inBand(field, band, isWhole) {
    if (isWhole) return field;
    const [half, count] = [size(), (band.right - band.left) * (band.bottom - band.top)];
    const out = new Float64Array(2 * count);
    crop(field.subarray(0, half), band, out.subarray(0, count));
    crop(field.subarray(half), band, out.subarray(count));
    return out;
  }
  function modesInBand(basis, band, isWhole) {
    if (isWhole) return basis.modes;
    const key = Object.values(band).join();
    if (basis.cropped?.key !== key) basis.cropped = { key, modes: basis.modes.map((mode) => inBand(mode, band, false)) };
    return basis.cropped.modes;
  }

  // Only pixels that can reach the area are pushed: a line is found many times sooner than the frame it belongs to.
  const WIDER = 8; // in steps of so many pixels, so that most frames have the same band
  function predict(of, run, position, area) {
    const weights = weightsAt(of, run, frameOf(position));
    if (!weights) return null;
    const mean = meanFor(of, frameOf(position));
    const [height, width] = state.numbers.shape;
    const isPicture = area.right - area.left === width && area.bottom - area.top === height;
    const [besides, above] = isPicture ? [0, 0] : [0, 1].map((axis) => {
      const furthest = Math.ceil(reach(of, mean, weights, axis)) + of.entry.splat.half + 1;
      return Math.min(Math.ceil(furthest / WIDER) * WIDER, width + height);
    });
    const band = {
      left: Math.max(area.left - besides, 0), right: Math.min(area.right + besides, width),
      top: Math.max(area.top - above, 0), bottom: Math.min(area.bottom + above, height),
    };
    const isWhole = band.left === 0 && band.top === 0 && band.right === width && band.bottom === height;
    const field = new Float64Array(inBand(mean, band, isWhole));
    modesInBand(of.basis, band, isWhole).forEach((mode, k) => addTimes(field, mode, weights[k]));
    const within = { left: area.left - band.left, right: area.right - band.left, top: area.top - band.top, bottom: area.bottom - band.top };
    const image = isWhole ? of.reference : crop(of.reference, band);
    const values = splat(image, field, band.right - band.left, band.bottom - band.top, of.entry.splat, within);
    return toLevels(values, of.entry.splat);
  }

  // The newest predicted frames, up to 64 MB of them.
  const cache = new Map();
  function predictedFrame(of, run, position) {
    const key = `${of.entry.id}/${run}/${position}`;
    if (cache.has(key)) return cache.get(key);
    const [height, width] = state.numbers.shape;
    const picture = predict(of, run, position, { left: 0, right: width, top: 0, bottom: height });
    cache.set(key, picture);
    if (cache.size * size() * 2 > 64e6) cache.delete(cache.keys().next().value);
    return picture;
  }

  // Errors ----------------------------------------------------------------------------------------------------------

  const everyPixel = () => ({ start: 0, step: 1, count: size() });

  // Distance in mm between where the tissue of pixels went and where it was forecast to go: of those of a line
  // { start, step, count }, without those of all others, or of every pixel.
  function errorMap(of, measured, run, position, { start, step, count } = everyPixel()) {
    const weights = weightsAt(of, run, frameOf(position));
    if (!weights || !measured) return null;
    const [truth, mean] = [measured.fields[position], meanFor(of, frameOf(position))];
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    // Of one component of the vectors, in mm.
    const apart = (offset, scale, spacing) => {
      const field = new Float64Array(count);
      for (let i = 0, at = offset + start; i < count; i++, at += step) field[i] = mean[at];
      weights.forEach((weight, k) => {
        const mode = of.basis.modes[k];
        for (let i = 0, at = offset + start; i < count; i++, at += step) field[i] += weight * mode[at];
      });
      for (let i = 0, at = offset + start; i < count; i++, at += step) field[i] = (truth[at] * scale - field[i]) * spacing;
      return field;
    };
    const [x, y] = [apart(0, measured.scale[0], alongColumns), apart(size(), measured.scale[1], alongRows)];
    const error = new Float32Array(count);
    for (let i = 0; i < count; i++) error[i] = Math.sqrt(x[i] * x[i] + y[i] * y[i]);
    return error;
  }

  // The reference with its grey values as levels.
  const referenceLevels = once((number) => frames().then(({ references }) => toLevels(references[number], { floors: false })));

  return {
    frames, flow, model, content, forecast, measuredField, forecastField, meanFor, weightsAt, predict, predictedFrame,
    errorMap, referenceLevels, frameOf,
  };
})();
