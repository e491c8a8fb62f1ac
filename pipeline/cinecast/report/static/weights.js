"use strict";
// Weights of the modes over time: measured, and forecast with a band over random runs.
(() => {
  const { element, state } = cinecast;
  const { css, times } = charts;
  if (!element("weights-chart")) return; // a run without forecasts

  const modesOf = (entry) => shownModes.count(state.numbers.models[entry.model]);

  function spans() {
    const [train, validation, test] = state.numbers.split;
    const edge = (frame) => times()[Math.min(frame, times().length - 1)];
    return [["train", 0, train, "--span-train"], ["validation", train, validation, "--span-validation"],
      ["test", validation, test, "--span-test"]]
      .filter(([, from, to]) => to > from)
      .map(([name, from, to, colour]) => ({ name, from: edge(from), to: edge(to), colour: css(colour) }));
  }

  // Numbers of the runs that did not diverge: one that does has no weights from then on, and counts for nothing.
  function finished({ runs, series }, { last_scored: last }) {
    return Array.from({ length: runs }, (_, run) => run).filter((run) => Number.isFinite(series(run, 0)[last]));
  }

  // Mean and range over the runs that did not diverge; null where there is none.
  function overRuns(own, entry, mode) {
    const { length } = own;
    const all = finished(own, entry).map((run) => own.series(run, mode));
    const at = (t) => all.map((values) => values[t]).filter(Number.isFinite);
    const reduce = (of) => Array.from({ length }, (_, t) => (at(t).length ? of(at(t)) : null));
    return {
      mean: reduce((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
      low: reduce((values) => Math.min(...values)),
      high: reduce((values) => Math.max(...values)),
    };
  }

  // What the forecast of each run is said to be off by, around their mean; none where the run holds no bands.
  function radiusBand(colour, said, mean, k) {
    const radius = said?.weightRadius[k];
    if (!radius || !radius.some(Number.isFinite)) return [];
    const limit = (sign) => mean.map((value, t) => (value === null || !Number.isFinite(radius[t]) ? null : value + sign * radius[t]));
    return [{ name: `${bands.percent(said.level)} band`, x: times(), low: limit(-1), high: limit(1), fill: `${colour}26` }];
  }

  function panels({ entry, own, basis }, said) {
    const { colour } = charts.styleOf(entry.method);
    const { explained_variance: shares, flow } = state.numbers.models[entry.model];
    const held = new Set(state.numbers.flows[flow].held); // the motion of such a frame was not measured
    return basis.weights.slice(0, modesOf(entry)).map((measured, k) => {
      const say = charts.toDigits(1);
      const real = { name: "measured", x: times(), y: Array.from(measured, (value, t) => (held.has(t) ? null : value)), colour: css("--text"), width: 1.2, say };
      const panel = {
        title: `Mode ${k + 1}: ${(100 * shares[k]).toFixed(1)} % of the variance in the train span`, x: charts.overTime(range()), y: {}, lines: [real],
        areas: spans().map(({ name, from, to, colour: fill }) => ({ x: [from, to], fill, text: k || !wholeSequence ? "" : name })),
      };
      if (entry.protocol === "oracle") return panel;
      const { mean, low, high } = overRuns(own, entry, k);
      const kept = finished(own, entry).length;
      const ofRuns = { name: `smallest to largest of ${kept} runs`, group: "runs", x: times(), low, high, fill: `${colour}55` };
      return {
        ...panel, bands: [...radiusBand(colour, said, mean, k), ...(kept > 1 ? [ofRuns] : [])],
        lines: [real, { name: charts.nameOf(entry), x: times(), y: mean, colour, width: 1.8, say }],
      };
    });
  }

  let wholeSequence = true;
  function range() {
    const test = spans().find(({ name }) => name === "test");
    return wholeSequence || test.from === test.to ? [times()[0], times().at(-1)] : [test.from, test.to];
  }

  function radiusWords(runs, said) {
    if (!said) return "";
    return ` The light band should hold the measured weight with a probability of ${bands.percent(said.level)}${runs > 1 ? " (mean radius of the runs)" : ""}.`;
  }

  async function draw() {
    const { main } = view.shown;
    if (!main) return;
    const { entry, own } = main;
    const said = await bands.of(entry);
    const kept = finished(own, entry).length;
    const lost = kept < entry.runs ? ` ${entry.runs - kept} of ${entry.runs} random runs diverged and are left out.` : "";
    const over = (kept > 1 ? ` The line is the mean over ${kept} random runs, and the band goes from the smallest to the largest.` : "") + lost;
    const { train_end: end } = state.numbers.models[entry.model];
    element("weights-words").textContent = entry.protocol === "oracle"
      ? "The chart shows the weights as measured on the real frames. The oracle takes them as they are."
      : `The chart shows the weights as measured on the real frames, and as forecast ${entry.horizon_s.toFixed(2)} s before. Each forecast is drawn at the time ` +
        `for which it was made.${over}${radiusWords(kept, said)} Modes come from frames 0 to ${end - 1} only. Click on the chart to move the player to that time.`;
    charts.draw("weights-chart", { panels: panels(main, said), height: 130, isStacked: true });
    shownModes.label("more-weights", state.numbers.models[entry.model]);
    Object.assign(element("weights-chart").dataset, { entry: entry.id, modes: modesOf(entry) });
  }

  function showSpan(whole) {
    wholeSequence = whole;
    element("span-all").setAttribute("aria-pressed", whole);
    element("span-test").setAttribute("aria-pressed", !whole);
    draw();
  }

  const redraw = () => cinecast.later("weights", draw);
  element("span-all").addEventListener("click", () => showSpan(true));
  element("span-test").addEventListener("click", () => showSpan(false));
  cinecast.on("theme", redraw);
  cinecast.on("look", () => {
    const { entry, modes } = element("weights-chart").dataset;
    const own = view.shown.main?.entry;
    if (entry !== own?.id || (own && Number(modes) !== modesOf(own))) redraw();
  });
})();
