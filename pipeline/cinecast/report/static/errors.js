"use strict";
// Errors: against horizon, over time, over the breathing cycle, and how they are distributed.
(() => {
  const { element, state } = cinecast;
  const { times, styleOf, nameOf, inOrder, toDigits } = charts;
  const inMm = toDigits(2, "mm");
  const BINS = 8;
  const titleOf = (region) => state.numbers.region_titles[region] ?? region;
  const inRegion = () => state.numbers.region_places[state.region];
  const PANELS = ["landmarks", "image", "roi"]; // of the chart against horizon

  // Against horizon ---------------------------------------------------------------------------------------------------

  function drawHorizons() {
    const errors = state.numbers.horizon_errors;
    const scored = new Set(errors.map(({ region }) => region));
    const regions = PANELS.filter((region) => scored.has(region));
    const x = charts.overHorizons(errors);
    const panels = regions.map((region) => ({
      title: titleOf(region), x, y: { label: "mean geometric error (mm)", zero: true },
      lines: charts.againstHorizon(errors.filter((point) => point.region === region), inMm),
    }));
    charts.draw("horizon-chart", { panels, height: 278, columns: regions.length });
  }

  // Of single frames --------------------------------------------------------------------------------------------------

  // Methods with errors at the chosen horizon in the chosen region.
  function perFrame() {
    return inOrder().map(({ name }) => cinecast.entryOf(name)).filter(Boolean)
      .map((entry) => ({ entry, errors: cinecast.ofScored(entry, entry.errors_mm[state.region] ?? []) }))
      .filter(({ errors }) => errors.some((error) => error !== null));
  }

  function lineOf({ entry }, x, y, more) {
    const { colour, dash } = styleOf(entry.method);
    return { name: nameOf(entry), x, y, colour, dash, width: entry.method === state.method ? 3 : 1.5, say: inMm, ...more };
  }

  function drawTimes() {
    const [, start, end] = state.numbers.split;
    const seconds = cinecast.horizons().find(({ frames }) => frames === state.horizon)?.s ?? 0;
    element("time-words").textContent = `The chart shows the mean geometric error of each test frame ${inRegion()}, forecast ${seconds.toFixed(2)} s ahead, as a mean over random runs. ` +
      "The chosen method has a thicker line. Click on the chart to move the player to that time.";
    const lines = perFrame().map((each) => lineOf(each, times().slice(start, end), each.errors));
    charts.draw("time-chart", { panels: [{ x: charts.overTime(), y: { label: "mean geometric error (mm)", zero: true }, lines }], height: 272 });
  }

  // Mean error of the frames in each part of the breathing cycle; null where no frame lies.
  function byPhase(errors) {
    const start = state.numbers.split[1];
    const sums = Array.from({ length: BINS }, () => [0, 0]);
    errors.forEach((error, i) => {
      const phase = state.numbers.phases[start + i];
      if (phase === null || error === null) return;
      const bin = sums[Math.min(Math.floor(phase * BINS), BINS - 1)]; // phase 1 ends the last part
      bin[0] += error;
      bin[1] += 1;
    });
    return sums.map(([sum, count]) => (count ? sum / count : null));
  }

  function drawPhases() {
    const [, start, end] = state.numbers.split;
    const known = state.numbers.phases.slice(start, end).filter((phase) => phase !== null).length;
    element("phase-chart").hidden = known === 0;
    element("phase-words").textContent = known === 0
      ? "No whole breath was found in the test span, so there is no chart of errors over the breathing cycle."
      : `The chart shows the mean error in ${BINS} parts of the cycle. A cycle runs from one lowest place of the tissue in the image (0 %) to the next. ` +
        `With the head on top, that is the end of inhalation. ${known} of ${end - start} test frames lie in whole breaths, which are found on the measured motion.`;
    if (!known) return;
    const percent = Array.from({ length: BINS }, (_, bin) => (100 * (bin + 0.5)) / BINS);
    const lines = perFrame().map((each) => lineOf(each, percent, byPhase(each.errors), { mark: styleOf(each.entry.method).mark }));
    const x = { label: "breathing cycle (%)", range: [0, 100], ticks: [0, 25, 50, 75, 100].map((each) => [each, String(each)]), say: (middle) => `${middle - 50 / BINS} to ${middle + 50 / BINS} % of the cycle` };
    charts.draw("phase-chart", { panels: [{ x, y: { label: "mean geometric error (mm)", zero: true }, lines }], height: 252, hasKey: false });
  }

  // Errors, in their order, without those that lie within a part of a pixel before the next where there are too many to draw.
  const [MANY, PARTS] = [5000, 5000];
  function places(errors) {
    const all = [...new Set(errors)].sort((a, b) => a - b);
    const part = (error) => Math.floor((PARTS * error) / all.at(-1));
    return all.length > MANY ? all.filter((error, i) => i === all.length - 1 || part(error) < part(all[i + 1])) : all;
  }

  // The share of frames with at most each of the errors that any method has: steps from frame to frame.
  function drawDistribution() {
    const all = perFrame().map((each) => ({ each, sorted: each.errors.filter((error) => error !== null).sort((a, b) => a - b) }));
    const x = places(all.flatMap(({ sorted }) => sorted));
    const lines = all.map(({ each, sorted }) => {
      let count = 0;
      const shares = x.map((error) => {
        while (count < sorted.length && sorted[count] <= error) count += 1;
        return (100 * count) / sorted.length;
      });
      return lineOf(each, x, shares, { steps: true, say: toDigits(0, "%") });
    });
    const along = { label: "mean geometric error of a frame (mm)", range: [0, 1.02 * (x.at(-1) ?? 1)], say: (error) => `${error.toFixed(2)} mm or less` };
    charts.draw("distribution-chart", { panels: [{ x: along, y: { label: "frames with this error or less (%)", range: [0, 102] }, lines }], height: 252, hasKey: false });
  }

  function drawAll() {
    if (!state.numbers.horizon_errors.length) return;
    cinecast.later("horizons", drawHorizons);
    cinecast.later("times", drawTimes);
    cinecast.later("phases", drawPhases);
    cinecast.later("distribution", drawDistribution);
  }

  cinecast.on("theme", drawAll);
  cinecast.on("choice", drawAll);
})();
