"use strict";
// How far forecasts of a target are off: over the test frames, and every method against horizon.
(() => {
  const { element, state } = cinecast;
  const { css, plain, times, axis, label } = charts;
  if (!element("target-time-chart")) return; // no target

  const PANELS = [
    { metric: "centroid_mm", title: "Error of the centroid", unit: "mm", digits: 2 },
    { metric: "hd95_mm", title: "HD95", unit: "mm", digits: 2 },
    { metric: "dice", title: "DSC", unit: "", digits: 3 },
  ];
  const RULERS = { measured: "the measured motion", labels: "the labels" };

  // Over time ---------------------------------------------------------------------------------------------------------

  // A missed frame has no distances: they would be the size of the image. A cross at the top of the panel stands for them.
  const isMissed = ({ places, scores }, i) => places[i] === targets.MISSED && scores.dice?.[i] !== null && scores.dice?.[i] !== undefined;
  const valuesOf = (own, metric) => (own.scores[metric] ?? []).map((value, i) => (metric !== "dice" && isMissed(own, i) ? null : value));

  function chosenLines() {
    const { main, other } = view.shown;
    return [[main, false], [other, true]].filter(([of]) => of)
      .map(([of, isSecond]) => ({ of, own: targets.forecastOf(state.target, isSecond) })).filter(({ own }) => own?.scores.dice);
  }

  function timeTraces(x) {
    return chosenLines().flatMap(({ of, own }, i) => PANELS.flatMap(({ metric, digits }, n) => {
      const { colour, dash } = charts.styleOf(of.entry.method);
      const values = valuesOf(own, metric);
      const common = { x, yaxis: n ? `y${n + 1}` : "y", legendgroup: `${i}`, name: charts.nameOf(of.entry), showlegend: n === 0 };
      const top = Math.max(...values.filter((value) => value !== null), 1);
      const missed = values.map((_, at) => (isMissed(own, at) ? (metric === "dice" ? 0 : top) : null));
      const line = { ...common, y: values, mode: x.length > 1 ? "lines" : "markers", connectgaps: false, line: { color: colour, dash, width: 1.8 }, marker: { color: colour }, hovertemplate: `%{y:.${digits}f}` };
      const cross = { ...common, y: missed, mode: "markers", name: `missed: ${common.name}`, legendgroup: `missed ${i}`, marker: { symbol: "x", size: 8, color: colour }, hovertemplate: "missed" };
      return missed.some((value) => value !== null) ? [line, cross] : [line];
    }));
  }

  const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);

  // Means over the scored frames as in the table of scores, where a missed frame counts with the size of the image.
  function wordsOf({ of, own }) {
    const scored = own.scores.dice.map((_, i) => i).filter((i) => own.scores.dice[i] !== null);
    if (!scored.length) return "";
    const missed = scored.filter((i) => isMissed(own, i)).length;
    const [centroid, hd95, dice] = PANELS.map(({ metric, digits }) => mean(scored.map((i) => own.scores[metric][i])).toFixed(digits));
    const run = of.entry.runs > 1 ? ` (run ${own.run + 1})` : "";
    return ` ${of.entry.title}${run}: error of the centroid ${centroid} mm, HD95 ${hd95} mm, DSC ${dice}` + (missed ? `, missed in ${missed} of ${scored.length} frames.` : ".");
  }

  function words() {
    const all = chosenLines();
    const without = all.length ? "" : ` Nothing is known of it for what is chosen: the run was not followed, or not held against ${RULERS[state.ruler]}.`;
    const name = targets.shown().targets.length > 1 ? `${targets.chosen().name}: means` : "Means";
    return `${name} over the test frames, against ${RULERS[state.ruler]}.${all.map(wordsOf).join("")}${without}`;
  }

  async function drawTimes() {
    const x = targets.testFrames().map((frame) => times()[frame]);
    const seconds = cinecast.horizons().find(({ frames }) => frames === state.horizon)?.s ?? 0;
    element("target-words").textContent = words();
    element("target-times-words").textContent = `The chart shows the chosen run, forecast ${seconds.toFixed(2)} s ahead. Crosses mark frames in which the target was missed, so that no distance is known. Click on the chart to move the player to that time.`;
    const panels = PANELS.map(({ title, unit, metric }) => ({ title, unit, ...(metric === "dice" ? { rangemode: "normal" } : { rangemode: "tozero" }) }));
    await charts.draw("target-time-chart", timeTraces(x), charts.stacked(panels, x));
    element("target-time-chart").dataset.shows = shownNow();
  }

  // Against horizon ---------------------------------------------------------------------------------------------------

  function horizonTrace(method, { metric, digits }, panel) {
    const points = targets.shown().horizon_errors.filter((point) =>
      point.method === method.name && point.metric === metric && point.target === targets.chosen().name && point.against === state.ruler);
    const { colour, dash, symbol } = charts.styleOf(method.name);
    return {
      x: points.map(({ s }) => s), y: points.map(({ value }) => value),
      error_y: { type: "data", array: points.map(({ half_range: half }) => half ?? 0), visible: points.some((point) => point.half_range), thickness: 1.5, width: 5 },
      name: charts.nameOf(state.numbers.entries.find((entry) => entry.method === method.name)), legendgroup: method.name, showlegend: panel === 0,
      xaxis: panel ? `x${panel + 1}` : "x", yaxis: panel ? `y${panel + 1}` : "y", mode: "lines+markers",
      line: { color: colour, dash, width: 2 }, marker: { symbol, size: 8, line: { width: 2, color: colour } }, hovertemplate: `%{y:.${digits}f} at %{x:.2f} s`,
    };
  }

  // What the measured motion itself scores against the labels: it has no forecasts and so no entry.
  function measuredTraces({ metric, digits }, panel) {
    const own = targets.shown().horizon_errors.filter((point) =>
      point.method.endsWith("measured") && point.metric === metric && point.target === targets.chosen().name && point.against === state.ruler);
    return [...new Set(own.map(({ method }) => method))].map((method) => {
      const points = own.filter((point) => point.method === method);
      return {
        x: points.map(({ s }) => s), y: points.map(({ value }) => value), mode: "lines", name: plain(method.replace(/measured$/, "Measured motion")), showlegend: panel === 0,
        xaxis: panel ? `x${panel + 1}` : "x", yaxis: panel ? `y${panel + 1}` : "y", line: { color: css("--muted"), dash: "dot", width: 1.5 }, hovertemplate: `%{y:.${digits}f}`,
      };
    });
  }

  async function drawHorizons() {
    const ticks = cinecast.horizons();
    const every = Math.ceil(ticks.length / 5); // more labels than that overlap
    const texts = ticks.map(({ frames, s }, i) => (i % every ? "" : `${s.toFixed(2)}<br>(${frames})`));
    const axes = {};
    const { px, all } = charts.places(PANELS.length, 0.08, 238);
    const notes = PANELS.map(({ title, unit, metric }, panel) => {
      const { x: domain, y } = all[panel];
      const number = panel ? panel + 1 : "";
      axes[`xaxis${number}`] = axis({ domain, anchor: `y${number}`, tickvals: ticks.map(({ s }) => s), ticktext: texts, title: label("horizon in s (frames)") });
      axes[`yaxis${number}`] = axis({ domain: y, anchor: `x${number}`, title: label(unit), ...(metric !== "dice" && { rangemode: "tozero" }) });
      return { text: `<b>${title}</b>`, xref: "paper", yref: "paper", x: domain[0], xanchor: "left", y: y[1], yanchor: "bottom", showarrow: false };
    });
    const traces = PANELS.flatMap((each, panel) => [...charts.inOrder().map((method) => horizonTrace(method, each, panel)), ...measuredTraces(each, panel)]);
    await charts.draw("target-horizon-chart", traces.filter(({ x }) => x.length), charts.layout({
      height: px + 142, margin: { l: 56, r: 16, t: 70, b: 72 }, ...axes, annotations: notes, hovermode: "closest",
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 24 / px, yanchor: "bottom" },
    }));
  }

  const shownNow = () => [state.target, state.ruler, view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join();
  function redraw() {
    if (!targets.shown()) return;
    charts.later("target times", drawTimes);
    charts.later("target horizons", drawHorizons);
  }
  let drawn = "";
  cinecast.on("look", () => {
    if (targets.shown() && shownNow() !== drawn) redraw();
    drawn = targets.shown() ? shownNow() : "";
  });
  for (const event of ["target", "theme"]) cinecast.on(event, redraw);
})();
