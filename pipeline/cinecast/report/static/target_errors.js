"use strict";
// How far forecasts of a target are off: over the test frames, and every method against horizon.
(() => {
  const { element, state } = cinecast;
  const { times } = charts;
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

  function timeLines(x, { metric, digits, unit }) {
    return chosenLines().flatMap(({ of, own }, i) => {
      const { colour, dash } = charts.styleOf(of.entry.method);
      const values = valuesOf(own, metric);
      const name = charts.nameOf(of.entry);
      const top = values.reduce((most, value) => Math.max(most, value ?? 1), 1); // one value a frame: too many to spread
      const missed = values.map((_, at) => (isMissed(own, at) ? (metric === "dice" ? 0 : top) : null));
      const line = { name, group: String(i), x, y: values, colour, dash, width: 1.8, say: charts.toDigits(digits, unit) };
      const cross = { name: `missed: ${name}`, group: `missed ${i}`, x, y: missed, bare: true, mark: "x", colour, say: () => "missed" };
      return missed.some((value) => value !== null) ? [line, cross] : [line];
    });
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

  function drawTimes() {
    const x = targets.testFrames().map((frame) => times()[frame]);
    const seconds = cinecast.horizons().find(({ frames }) => frames === state.horizon)?.s ?? 0;
    element("target-words").textContent = words();
    element("target-times-words").textContent = `The chart shows the chosen run, forecast ${seconds.toFixed(2)} s ahead. Crosses mark frames in which the target was missed, so that no distance is known. Click on the chart to move the player to that time.`;
    const panels = PANELS.map((each) => ({ title: each.title, x: charts.overTime(x), y: { label: each.unit, zero: each.metric !== "dice" }, lines: timeLines(x, each) }));
    charts.draw("target-time-chart", { panels, height: 138, isStacked: true });
    element("target-time-chart").dataset.shows = shownNow();
  }

  // Against horizon ---------------------------------------------------------------------------------------------------

  // What the measured motion itself scores against the labels is among them.
  function drawHorizons() {
    const all = targets.shown().horizon_errors;
    const chosen = all.filter(({ target, against }) => target === targets.chosen().name && against === state.ruler);
    const x = charts.overHorizons(all);
    const panels = PANELS.map(({ title, metric, unit, digits }) => ({
      title, x, y: { label: unit, zero: metric !== "dice" },
      lines: charts.againstHorizon(chosen.filter((point) => point.metric === metric), charts.toDigits(digits, unit)),
    }));
    charts.draw("target-horizon-chart", { panels, height: 238, columns: PANELS.length });
  }

  const shownNow = () => [state.target, state.ruler, view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join();
  function redraw() {
    if (!targets.shown()) return;
    cinecast.later("target times", drawTimes);
    cinecast.later("target horizons", drawHorizons);
  }
  view.whenOther(() => (targets.shown() ? shownNow() : ""), redraw);
  for (const event of ["target", "theme"]) cinecast.on(event, redraw);
})();
