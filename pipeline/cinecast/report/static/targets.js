"use strict";
// Targets: their masks in the frames shown; where they are, and how far forecasts of them are off, in all test frames.
const targets = (() => {
  const { element, state } = cinecast;
  const NOTHING = -32768; // as cinecast.report.landmark_tracks has it
  const MISSED = "missed";
  const made = new Map();
  let common = null;

  // Arrays ------------------------------------------------------------------------------------------------------------

  // Masks of 0 and 1, run by run and frame by frame; each is stored as what differs from the one before it in its run.
  async function masks({ shape, data }) {
    const bits = await unpack.inflate(data);
    const [frames, rows, columns] = shape.slice(-3);
    const size = rows * columns;
    const all = [];
    for (let n = 0, bit = 0; n < shape.reduce((product, length) => product * length, 1) / size; n++) {
      const mask = n % frames ? all[n - 1].slice() : new Uint8Array(size);
      for (let i = 0; i < size; i++, bit++) mask[i] ^= (bits[bit >> 3] >> (7 - (bit & 7))) & 1;
      all.push(mask);
    }
    return Array.from({ length: all.length / frames }, (_, run) => all.slice(run * frames, (run + 1) * frames));
  }

  // Of each run, the places of all test frames: (x, y) in mm from the plan, "missed" where it is outside, null for no number.
  async function places({ step_mm: step, values: packed }, missed) {
    const count = packed.shape.at(-1);
    const parts = unpack.split(await unpack.integers(packed), packed.shape.slice(0, -1).reduce((product, length) => product * length, 1));
    const placeOf = (x, y) => (x === NOTHING ? null : x === missed ? MISSED : [x * step, y * step]);
    return Array.from({ length: parts.length / 2 }, (_, run) => Array.from({ length: count }, (_, i) => placeOf(parts[2 * run][i], parts[2 * run + 1][i])));
  }

  // By metric, a list for each run; null for no number.
  async function scores(packed) {
    const lists = await Promise.all(packed.map(async ({ step, values }) => {
      const runs = unpack.split(await unpack.integers(values), values.shape[0]);
      return runs.map((run) => Array.from(run, (value) => (value === NOTHING ? null : value * step)));
    }));
    return Object.fromEntries(packed.map(({ metric }, m) => [metric, lists[m]]));
  }

  async function followed(packed, missed) {
    if (!packed) return null;
    const [ownMasks, ownPlaces] = await Promise.all([masks(packed.masks), places(packed.places, missed)]);
    const listed = await Promise.all(Object.entries(packed.scores ?? {}).map(async ([ruler, each]) => [ruler, await scores(each)]));
    return { masks: ownMasks, places: ownPlaces, scores: Object.fromEntries(listed), runs: ownMasks.length };
  }

  async function target({ name, frame, box, centroid, in_reference, measured, labels }, missed) {
    return {
      name, frame, box, centroid,
      inReference: await Promise.all(in_reference.map(async (packed) => packed && (await masks(packed))[0][0])),
      measured: await Promise.all(measured.map((packed) => followed(packed, missed))),
      labels: await followed(labels, missed),
    };
  }

  async function loadCommon() {
    const { targets: packed, ...more } = await cinecast.load("masks");
    return { ...more, targets: await Promise.all(packed.map((each) => target(each, more.missed))) };
  }

  // Each target as a method forecast it, null where it is missing.
  async function forecastBy(entry) {
    const [{ missed }, { targets: packed }] = await Promise.all([common, cinecast.load(entry.id)]);
    return packed ? Promise.all(packed.map((each) => followed(each, missed))) : null;
  }
  const of = (entry) => made.get(entry.id) ?? made.set(entry.id, forecastBy(entry)).get(entry.id);

  // What is shown of targets with a method and a second one; null in a run without targets.
  async function load(method, second) {
    if (!state.numbers.has_targets) return null;
    common ??= loadCommon();
    const entries = [method, second].map((name) => name && cinecast.entryOf(name));
    const [all, main, other] = await Promise.all([common, ...entries.map((entry) => entry && of(entry))]);
    return { ...all, main: main || null, other: other || null };
  }

  // What is chosen ----------------------------------------------------------------------------------------------------

  const shown = () => view.shown.targets;
  const chosen = () => shown().targets[state.target];

  // The real masks and places of a target: the labels, or along the motion that a flow measured.
  function realOf(each, flow) {
    return state.ruler === "labels" ? each.labels : each.measured[flow];
  }

  // The chosen run of the method, or of the second one; null where it was not followed.
  function forecastOf(number, isSecond) {
    const own = (isSecond ? shown().other : shown().main)?.[number];
    const { entry } = (isSecond ? view.shown.other : view.shown.main) ?? {};
    const run = isSecond ? view.secondSample() : state.sample;
    if (!own || run >= own.runs) return null;
    const ofRuler = own.scores[state.ruler] ?? {};
    const ownScores = Object.fromEntries(
      Object.entries(ofRuler).map(([metric, runs]) => [metric, cinecast.ofScored(entry, runs[run])]),
    );
    return { run, masks: own.masks[run], places: own.places[run], scores: ownScores };
  }

  const testFrames = () => Array.from({ length: state.numbers.split[2] - state.numbers.split[1] }, (_, i) => state.numbers.split[1] + i);

  cinecast.on("start", () => {
    if (!state.numbers.has_targets) return;
    const [list, ruler] = ["target", "target-ruler"].map(element);
    Object.assign(state, { target: Number(list.value), ruler: ruler.value });
    list.addEventListener("change", () => cinecast.change("target", { target: Number(list.value) }));
    ruler.addEventListener("change", () => cinecast.change("target", { ruler: ruler.value }));
  });

  return { load, shown, chosen, realOf, forecastOf, testFrames, MISSED };
})();
