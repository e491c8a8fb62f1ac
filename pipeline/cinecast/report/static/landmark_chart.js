"use strict";
// The displacement of one landmark over the test frames: as followed, as measured by the flow, and as forecast.
(() => {
  const { element, state } = cinecast;
  const { css, times } = charts;
  if (!element("landmark-chart")) return; // none was followed in the test span

  const testFrames = () => Array.from({ length: state.numbers.split[2] - state.numbers.split[1] }, (_, i) => state.numbers.split[1] + i);

  // Vectors (x, y) in mm of every test frame, null where there is none.
  const vectors = ([x, y]) => x.map((value, i) => (value === null ? null : [value, y[i]]));
  const followed = () => vectors(view.shown.tracks.tracked[state.landmark]);
  const measuredBy = (flow) => {
    const own = view.shown.tracks.measured[flow];
    return own && vectors(own[state.landmark]);
  };
  const forecast = (of, run) => testFrames().map((frame) => landmarks.forecastDisplacement(of, run, state.landmark, frame));

  const along = (values, [x, y]) => values.map((vector) => vector && vector[0] * x + vector[1] * y);

  function look({ entry }) {
    const { colour, dash } = charts.styleOf(entry.method);
    return { colour, dash };
  }

  function lines() {
    const { main, other } = view.shown;
    const ofMethod = (of, run) => ({ name: charts.nameOf(of.entry), values: forecast(of, run), ...look(of), width: 1.8 });
    const ofFlow = (number, name, dash) => ({ name, values: measuredBy(number), colour: css("--muted"), dash, width: 1.4 });
    return [
      { name: "followed in the real frames", values: followed(), colour: css("--text"), width: 1, mark: "x", size: 5 },
      ofFlow(view.flowNumber(), "measured motion", "solid"),
      view.measuredApart() && ofFlow(other.flowNumber, "measured, second method's run", "dot"),
      main && ofMethod(main, state.sample),
      other && ofMethod(other, view.secondSample()),
    ].filter((each) => each && each.values);
  }

  // Mean distance in mm of a line to the landmark, over the frames in which it and all lines beside it are known.
  function meanError(values, beside) {
    const known = (place, i) => place && values?.[i] && beside.every((each) => each[i]);
    const distances = followed().map((place, i) => (known(place, i) ? Math.hypot(place[0] - values[i][0], place[1] - values[i][1]) : null)).filter((each) => each !== null);
    return distances.length ? distances.reduce((sum, value) => sum + value, 0) / distances.length : null;
  }

  function words() {
    const { main, other } = view.shown;
    const found = followed().filter(Boolean).length;
    const runOf = ({ entry }, run) => (entry.runs > 1 ? ` (run ${run + 1})` : "");
    const compared = [
      [main && `${main.entry.title}${runOf(main, state.sample)}`, main && forecast(main, state.sample)],
      [other && `${other.entry.title}${runOf(other, view.secondSample())}`, other && forecast(other, view.secondSample())],
      ["the measured motion", measuredBy(view.flowNumber())],
    ].filter(([name, values]) => name && values?.some(Boolean)); // a run that diverged at once has none
    const beside = compared.map(([, values]) => values);
    const errors = compared.map(([name, values]) => [name, meanError(values, beside)])
      .filter(([, error]) => error !== null).map(([name, error]) => `${name} ${error.toFixed(2)} mm`);
    const off = errors.length ? ` Mean errors: ${errors.join("; ")}.` : "";
    return `${landmarks.nameOf(state.landmark)}: found well enough in ${found} of ${testFrames().length} test frames.${off}`;
  }

  function draw() {
    const { axes } = view.shown.tracks;
    const x = testFrames().map((frame) => times()[frame]);
    element("landmark-words").textContent = words();
    const all = lines();
    const panels = axes.map(({ title, direction }) => ({
      title, x: charts.overTime(x), y: { label: "mm" },
      lines: all.map(({ values, ...line }, i) => ({ ...line, group: String(i), x, y: along(values, direction), say: charts.toDigits(2, "mm") })),
    }));
    charts.draw("landmark-chart", { panels, height: 138, isStacked: true });
    element("landmark-chart").dataset.shows = shownNow();
  }

  const shownNow = () => [state.landmark, view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join();
  const redraw = () => { if (view.shown.tracks) cinecast.later("landmark", draw); };
  view.whenOther(() => (view.shown.tracks ? shownNow() : ""), redraw);
  for (const event of ["landmark", "theme"]) cinecast.on(event, redraw);
})();
