"use strict";
// What moved and what was forecast to move: vector fields in pixels, predicted frames as levels, errors in mm.
const motion = (() => {
  const { state } = cinecast;
  const once = (make) => {
    const made = new Map();
    return (key) => made.get(key) ?? made.set(key, make(key)).get(key);
  };
  const size = () => state.numbers.shape[0] * state.numbers.shape[1];
  const constants = () => {
    const { shape, spacing_mm: spacing, grey, integer_grey: isWhole } = state.numbers;
    return { shape, spacing, grey: { ...grey, isWhole } };
  };

  // Arrays --------------------------------------------------------------------------------------------------------

  // What is shown first: the reference frames, and the first of the real ones.
  const opening = once(async () => {
    const { references, real } = await cinecast.load("opening");
    // Asked for together: else the references would wait for all that others have asked for meanwhile.
    const [levels, ...greys] = await Promise.all([unpack.integers(real), ...references.map(unpack.floats)]);
    return { real: levels, references: greys };
  });

  const frames = once(async () => {
    const { real } = await cinecast.load("frames");
    return unpack.split(await unpack.integers(real), state.numbers.player_frames.length);
  });

  // The measured motion in whole steps of mm, null where the run lacks it. A frame that is not known has that of the one before.
  const flow = once(async (number) => {
    if (!state.numbers.flows[number]?.has_dvf) return null;
    const { step_mm, dvf } = await cinecast.load(`flow_${number}`);
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    return {
      fields: unpack.split(await unpack.integers(dvf), state.numbers.player_frames.length),
      scale: [step_mm / alongColumns, step_mm / alongRows],
      known: state.numbers.player_frames.map((frame) => !state.numbers.flows[number].held.includes(frame)),
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
    const [own, basis, pictures] = await Promise.all([content(id), model(entry.model), opening()]);
    const flowNumber = state.numbers.models[entry.model].flow;
    return { entry, own, basis, flowNumber, ...constants(), image: pictures.references[flowNumber], kernel: entry.splat };
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
      basis.drifted.set(row, prediction.reconstruct({ modes: [basis.drifts[row]] }, basis.mean, [step]));
    }
    return basis.drifted.get(row);
  }

  const frameOf = (position) => state.numbers.player_frames[position];

  // The newest field of a method is kept: pictures, arrows and marks of a frame all ask for it, and none writes on it.
  function forecastField(of, run, position) {
    if (of.newest?.run !== run || of.newest.position !== position) {
      const frame = frameOf(position);
      const weights = weightsAt(of, run, frame);
      of.newest = { run, position, field: weights && prediction.reconstruct(of.basis, meanFor(of, frame), weights) };
    }
    return of.newest.field;
  }

  // Predicted frames ------------------------------------------------------------------------------------------------

  // The newest predicted frames, up to 64 MB of them.
  const cache = new Map();
  function predictedFrame(of, run, position) {
    const key = `${of.entry.id}/${run}/${position}`;
    if (cache.has(key)) return cache.get(key);
    const [height, width] = state.numbers.shape;
    const weights = weightsAt(of, run, frameOf(position));
    const picture = weights && prediction.predict(of, meanFor(of, frameOf(position)), weights, { left: 0, right: width, top: 0, bottom: height });
    cache.set(key, picture);
    if (cache.size * size() * 2 > 64e6) cache.delete(cache.keys().next().value);
    return picture;
  }

  // Errors ----------------------------------------------------------------------------------------------------------

  // Distance in mm of every pixel between where its tissue went and where it was forecast to go; null where one is missing.
  function errorMap(of, measured, run, position) {
    const frame = frameOf(position);
    const weights = weightsAt(of, run, frame);
    if (!weights || !measured) return null;
    const field = measured.fields[position];
    const truth = [field.subarray(0, size()), field.subarray(size())];
    return prediction.errors(of, meanFor(of, frame), weights, { truth, scale: measured.scale }, { start: 0, step: 1, count: size() });
  }

  // Strips ----------------------------------------------------------------------------------------------------------

  // The pixels of a line { start, step, count }; of a field, those of all x or all y.
  const pick = (picture, { start, step, count }, offset = 0) => Array.from({ length: count }, (_, i) => picture[offset + start + i * step]);

  // A line of every frame shown: predicted levels and, where the motion was measured, errors in mm; null without a forecast.
  // A thread of its own makes them, so that the page goes on.
  let ask = null;
  function strips(of, measured, run, line) {
    ask ??= threads(`(${predictionHere})((${splatHere})())`, prediction);
    const means = [];
    const placeOf = (mean) => (means.includes(mean) ? means.indexOf(mean) : means.push(mean) - 1);
    const frames = state.numbers.player_frames.map((frame, position) => {
      const truth = measured?.known[position] && [0, size()].map((offset) => pick(measured.fields[position], line, offset));
      return { weights: weightsAt(of, run, frame), mean: placeOf(meanFor(of, frame)), truth };
    });
    const { basis: { modes }, image, shape, kernel, grey, spacing } = of;
    return ask("strips", { of: { basis: { modes }, image, shape, kernel, grey, spacing }, means, frames, line, scale: measured?.scale });
  }

  // The reference with its grey values as levels.
  const referenceLevels = once((number) => opening().then(({ references }) => prediction.toLevels(references[number], false, constants().grey)));

  return {
    opening, frames, flow, model, content, forecast, measuredField, forecastField, meanFor, weightsAt, predictedFrame,
    errorMap, strips, pick, referenceLevels, frameOf,
  };
})();
