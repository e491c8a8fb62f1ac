"use strict";
// Whether radii hold: share of pixels inside and mean radius over time, and by breathing phase.
(() => {
  const { element, state } = cinecast;
  const { css, times, styleOf, nameOf, axis, label } = charts;
  if (!element("coverage-chart")) return; // a run without scores
  const WINDOW_S = 10; // a few breaths
  const percent = (share) => (share === null ? null : 100 * share);
  const mean = (values) => {
    const known = values.filter((value) => value !== null);
    return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
  };
  const atLandmarks = () => state.region === "landmarks";
  const what = () => (atLandmarks() ? "landmarks" : "pixels");
  const inRegion = () => (atLandmarks() ? "" : state.region === "roi" ? " of the ROI" : " of the image");
  const testTimes = () => times().slice(state.numbers.split[1], state.numbers.split[2]);

  // The chosen method, and the second one, with their bands; those without any are left out.
  async function chosen() {
    const entries = [state.method, state.second].filter((method, i, all) => method && all.indexOf(method) === i).map((method) => cinecast.entryOf(method));
    const found = await Promise.all(entries.filter(Boolean).map(async (entry) => ({ entry, own: await bands.of(entry) })));
    return found.filter(({ own }) => own?.overTime[state.region])
      .map(({ entry, own }) => ({ entry, level: own.level, time: own.overTime[state.region], phase: own.byPhase[state.region] }))
      .filter(({ time }) => time.inside.some((share) => share !== null));
  }

  // Over time ---------------------------------------------------------------------------------------------------------

  // Mean over each frame and those before it that lie in the window.
  function runningMean(values) {
    const x = testTimes();
    const length = Math.max(1, Math.round(WINDOW_S / state.numbers.period_s));
    const window = (length - 0.5) * state.numbers.period_s;
    return values.map((_, i) => mean(values.slice(x.findIndex((time) => x[i] - time < window), i + 1)));
  }

  function timeTraces({ entry, time }) {
    const { colour, dash } = styleOf(entry.method);
    const x = testTimes();
    const common = { x, mode: x.length > 1 ? "lines" : "markers" };
    const errors = entry.errors_mm[state.region];
    return [
      { ...common, name: state.second ? `${nameOf(entry)}: each frame` : "each frame", mode: "markers", y: time.inside.map(percent), marker: { color: colour, size: 4, opacity: 0.6 }, hovertemplate: "%{y:.1f} %" },
      { ...common, name: `mean of the last ${WINDOW_S} s`, y: runningMean(time.inside).map(percent), line: { color: colour, width: 2.5, dash }, hovertemplate: "%{y:.1f} %" },
      { ...common, name: "mean radius", yaxis: "y2", y: time.radius_mm, line: { color: colour, width: 2.5, dash }, hovertemplate: "%{y:.2f} mm", showlegend: false },
      errors && { ...common, name: "mean error", yaxis: "y2", y: errors, line: { color: colour, width: 1, dash: "dot" }, hovertemplate: "%{y:.2f} mm", showlegend: false },
    ].filter(Boolean);
  }

  const askedLine = () => ({ color: css("--text"), width: 1.2, dash: "dash" });
  function askedTrace(level) {
    const x = testTimes();
    return { x: [x[0], x.at(-1)], y: [100 * level, 100 * level], name: `required: ${bands.percent(level)}`, mode: "lines", line: askedLine(), hoverinfo: "skip" };
  }
  const levels = (all) => [...new Set(all.map(({ level }) => level))];
  const note = (text, y, x = 0) => ({ text: `<b>${text}</b>`, xref: "paper", yref: "paper", x, xanchor: "left", y, yanchor: "bottom", showarrow: false });

  async function drawTimes(all) {
    const x = testTimes();
    await charts.draw("coverage-chart", [...levels(all).map(askedTrace), ...all.flatMap(timeTraces)], charts.layout({
      height: 460,
      margin: { l: 64, r: 16, t: 66, b: 48 },
      xaxis: axis({ title: label("time (s)"), anchor: "y2", ...(x.length > 1 && { range: [x[0], x.at(-1)] }) }),
      yaxis: axis({ domain: [0.5, 0.95], title: label(`${what()} inside (%)`), range: [range(all), 101] }),
      yaxis2: axis({ domain: [0, 0.4], title: label("mm"), rangemode: "tozero" }),
      annotations: [note(`Share of ${what()} inside the radius`, 0.955), note("Mean radius (dotted: mean error)", 0.405)],
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.03, yanchor: "bottom" },
      hovermode: "x unified",
    }));
    element("coverage-chart").dataset.shows = [state.region, ...all.map(({ entry }) => entry.id)].join();
  }

  // From 0 where radii fail altogether; else what lies far below the rest would flatten it.
  function range(all) {
    const lowest = Math.min(...all.flatMap(({ time }) => time.inside.filter((share) => share !== null)));
    return Math.max(0, 10 * Math.floor(10 * lowest - 0.2));
  }

  // By phase ----------------------------------------------------------------------------------------------------------

  function phaseTraces({ entry, phase }, parts) {
    const { colour } = styleOf(entry.method);
    const x = phase.inside.map((_, i) => `${(100 * i) / parts}–${(100 * (i + 1)) / parts}`);
    const bar = (y, more) => ({ type: "bar", x, y, name: nameOf(entry), marker: { color: colour }, legendgroup: entry.method, texttemplate: "%{y:.1f}", textposition: "inside", insidetextanchor: "start", textangle: 0, ...more });
    return [
      bar(phase.inside.map(percent), { hovertemplate: "%{y:.1f} % inside" }),
      bar(phase.radius_mm, { xaxis: "x2", yaxis: "y2", showlegend: false, hovertemplate: "%{y:.2f} mm", texttemplate: "%{y:.2f}" }),
    ];
  }

  async function drawPhases(all) {
    const parts = all[0].phase.inside.length;
    const known = all.some(({ phase }) => phase.inside.some((share) => share !== null));
    element("coverage-phases").hidden = !known;
    if (!known) return;
    const { px, all: [left, right] } = charts.places(2, 0.07, 244);
    const share = charts.isNarrow() ? "Share inside (dashed: required)" : `Share of ${what()} inside the radius (dashed: required)`;
    await charts.draw("coverage-phase-chart", all.flatMap((each) => phaseTraces(each, parts)), charts.layout({
      height: px + 86,
      margin: { l: 64, r: 16, t: 34, b: 52 },
      barmode: "group", bargap: 0.35,
      xaxis: axis({ domain: left.x, anchor: "y", title: label("breathing cycle (%)") }),
      xaxis2: axis({ domain: right.x, anchor: "y2", title: label("breathing cycle (%)") }),
      yaxis: axis({ domain: left.y, anchor: "x", title: label(`${what()} inside (%)`), range: [0, 103], tickvals: [0, 25, 50, 75, 100] }),
      yaxis2: axis({ domain: right.y, anchor: "x2", title: label("mm"), rangemode: "tozero" }),
      annotations: [note(share, left.y[1] + 5 / px), note("Mean radius", right.y[1] + 5 / px, right.x[0])],
      shapes: levels(all).map((level) => ({ type: "line", xref: "x domain", yref: "y", x0: 0, x1: 1, y0: 100 * level, y1: 100 * level, line: askedLine() })),
      showlegend: all.length > 1,
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1 + (charts.isNarrow() ? 22 : 5) / px, yanchor: "bottom" },
    }));
  }

  // Words -------------------------------------------------------------------------------------------------------------

  function sentence({ entry, level, time, phase }) {
    const got = mean(time.inside);
    const worst = Math.min(...phase.inside.filter((share) => share !== null));
    const parts = Number.isFinite(worst) ? ` In the worst quarter of the breathing cycle it is ${(100 * worst).toFixed(1)} %.` : " No whole breath lies in the test span.";
    const runs = entry.runs > 1 ? " (mean over random runs)" : "";
    return `${entry.title}, ${entry.horizon_s.toFixed(2)} s ahead: ${(100 * got).toFixed(1)} % of the ${what()}${inRegion()} lie within the radius over the test span; ` +
      `${bands.percent(level)} are required.${parts} The mean radius is ${mean(time.radius_mm).toFixed(2)} mm${runs}.`;
  }

  async function draw() {
    const all = await chosen();
    element("coverage-body").hidden = !all.length;
    element("coverage-words").textContent = all.length ? all.map(sentence).join(" ")
      : cinecast.entryOf(state.method)?.protocol === "oracle" ? "The oracle takes the measured weights as they are. It forecasts nothing, so it has no radius."
        : ["image", "roi", "landmarks"].includes(state.region) ? "This run holds no radius for this method and horizon within its test span."
          : "Radii are scored only over the whole image, in the ROI and at the landmarks. Choose one of them as the region.";
    if (!all.length) return;
    await drawTimes(all);
    await drawPhases(all);
  }

  const redraw = () => charts.later("coverage", draw);
  cinecast.on("theme", redraw);
  cinecast.on("choice", redraw);
})();
