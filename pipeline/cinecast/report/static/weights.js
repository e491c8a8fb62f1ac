"use strict";
// Weights of the modes over time: measured, and forecast with a band over random runs.
(() => {
  const { element, state } = cinecast;
  const { css, times, axis, label } = charts;
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
  function withRadius(colour, said, mean, k, line) {
    const radius = said?.weightRadius[k];
    if (!radius || !radius.some(Number.isFinite)) return [];
    const limit = (sign) => mean.map((value, t) => (value === null || !Number.isFinite(radius[t]) ? null : value + sign * radius[t]));
    const edge = { line: { width: 0 }, hoverinfo: "skip", connectgaps: false, legendgroup: "radius" };
    return [
      line(limit(-1), "", { ...edge, showlegend: false }),
      line(limit(1), `${bands.percent(said.level)} band`, { ...edge, fill: "tonexty", fillcolor: `${colour}26` }),
    ];
  }

  function traces({ entry, own, basis }, said) {
    const { colour } = charts.styleOf(entry.method);
    return basis.weights.slice(0, modesOf(entry)).flatMap((measured, k) => {
      const common = { x: times(), yaxis: k ? `y${k + 1}` : "y", mode: "lines", showlegend: k === 0 };
      const line = (y, name, more) => ({ ...common, y, name, hovertemplate: "%{y:.1f}", ...more });
      const real = line(Array.from(measured), "measured", { line: { color: css("--text"), width: 1.2 }, legendgroup: "measured" });
      if (entry.protocol === "oracle") return [real];
      const { mean, low, high } = overRuns(own, entry, k);
      const bounds = { line: { width: 0 }, hoverinfo: "skip", connectgaps: false, legendgroup: "band" };
      const kept = finished(own, entry).length;
      const band = kept > 1 ? [
        line(low, "", { ...bounds, showlegend: false }),
        line(high, `smallest to largest of ${kept} runs`, { ...bounds, fill: "tonexty", fillcolor: `${colour}55` }),
      ] : [];
      return [...withRadius(colour, said, mean, k, line), ...band, real, line(mean, charts.nameOf(entry), { line: { color: colour, width: 1.8 }, legendgroup: "forecast" })];
    });
  }

  function layout({ entry }) {
    const { explained_variance: shares } = state.numbers.models[entry.model];
    const modes = modesOf(entry);
    const inner = 150 * modes;
    const axes = {};
    const notes = Array.from({ length: modes }, (_, k) => {
      const top = 1 - k / modes;
      axes[k ? `yaxis${k + 1}` : "yaxis"] = axis({ domain: [1 - (k + 1) / modes + (k < modes - 1 ? 6 : 0) / inner, top - 22 / inner], nticks: 5 });
      const text = `<b>Mode ${k + 1}</b>: ${(100 * shares[k]).toFixed(1)} % of the variance in the train span`;
      return { text, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: top, yanchor: "top", showarrow: false };
    });
    const shaded = spans();
    const names = shaded.map(({ name, from, to }) => ({
      text: name, xref: "x", yref: "paper", x: (from + to) / 2, y: 1, yanchor: "bottom", showarrow: false, font: { color: css("--muted") },
    }));
    return charts.layout({
      height: inner + 110,
      margin: { l: 64, r: 16, t: 62, b: 48 },
      hovermode: "x unified", // else a click that meets no line goes nowhere
      xaxis: axis({ title: label("time (s)"), anchor: modes > 1 ? `y${modes}` : "y", range: range() }),
      ...axes,
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 22 / inner, yanchor: "bottom", traceorder: "normal" },
      annotations: [...notes, ...(wholeSequence ? names : [])],
      shapes: shaded.map(({ from, to, colour }) => ({
        type: "rect", xref: "x", yref: "paper", x0: from, x1: to, y0: 0, y1: 1, fillcolor: colour, line: { width: 0 }, layer: "below",
      })),
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
    await charts.draw("weights-chart", traces(main, said), layout(main));
    shownModes.label("more-weights", state.numbers.models[entry.model]);
    Object.assign(element("weights-chart").dataset, { entry: entry.id, modes: modesOf(entry) });
  }

  function showSpan(whole) {
    wholeSequence = whole;
    element("span-all").setAttribute("aria-pressed", whole);
    element("span-test").setAttribute("aria-pressed", !whole);
    draw();
  }

  const redraw = () => charts.later("weights", draw);
  element("span-all").addEventListener("click", () => showSpan(true));
  element("span-test").addEventListener("click", () => showSpan(false));
  cinecast.on("theme", redraw);
  cinecast.on("look", () => {
    const { entry, modes } = element("weights-chart").dataset;
    const own = view.shown.main?.entry;
    if (entry !== own?.id || (own && Number(modes) !== modesOf(own))) redraw();
  });
})();
