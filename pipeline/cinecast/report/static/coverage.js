"use strict";
// Whether radii hold: share of pixels inside and mean radius over time, and by breathing phase.
(() => {
  const { element, state } = cinecast;
  const { css, times, styleOf, nameOf, toDigits } = charts;
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

  // Mean over each frame and those before it that lie in the window; null where the frame has no forecast itself.
  function runningMean(values) {
    const x = testTimes();
    const length = Math.max(1, Math.round(WINDOW_S / state.numbers.period_s));
    const window = (length - 0.5) * state.numbers.period_s;
    return values.map((value, i) => (value === null ? null : mean(values.slice(x.findIndex((time) => x[i] - time < window), i + 1))));
  }

  function shareLines({ entry, time }) {
    const { colour, dash } = styleOf(entry.method);
    const common = { x: testTimes(), colour, say: toDigits(1, "%") };
    const ofMethod = state.second ? `${nameOf(entry)}: ` : "";
    return [
      { ...common, name: `${ofMethod}each frame`, y: time.inside.map(percent), mark: "circle", size: 4, bare: true, faint: 0.6 },
      { ...common, name: `${ofMethod}mean of the last ${WINDOW_S} s`, y: runningMean(time.inside).map(percent), width: 2.5, dash },
    ];
  }

  function radiusLines({ entry, time }) {
    const { colour, dash } = styleOf(entry.method);
    const common = { x: testTimes(), colour, say: toDigits(2, "mm"), unlisted: true };
    const errors = entry.errors_mm[state.region];
    const ofMethod = state.second ? `${nameOf(entry)}: ` : "";
    return [
      { ...common, name: `${ofMethod}mean radius`, y: time.radius_mm, width: 2.5, dash },
      errors && { ...common, name: `${ofMethod}mean error`, y: errors, width: 1, dash: "dot" },
    ].filter(Boolean);
  }

  const asked = (level) => ({ colour: css("--text"), width: 1.2, dash: "dash", y: 100 * level });
  function askedLine(level) {
    const x = testTimes();
    return { ...asked(level), name: `required: ${bands.percent(level)}`, x, y: x.map(() => 100 * level), say: null };
  }
  const levels = (all) => [...new Set(all.map(({ level }) => level))];

  function drawTimes(all) {
    const x = charts.overTime(testTimes());
    charts.draw("coverage-chart", {
      isStacked: true, height: 158,
      panels: [
        { title: `Share of ${what()} inside the radius`, x, y: { label: `${what()} inside (%)`, range: [range(all), 101] }, lines: [...levels(all).map(askedLine), ...all.flatMap(shareLines)] },
        { title: "Mean radius (dotted: mean error)", x, y: { label: "mm", zero: true }, lines: all.flatMap(radiusLines) },
      ],
    });
    element("coverage-chart").dataset.shows = [state.region, ...all.map(({ entry }) => entry.id)].join();
  }

  // From 0 where radii fail altogether; else what lies far below the rest would flatten it.
  function range(all) {
    // One share a frame: too many to spread.
    const lowest = all.flatMap(({ time }) => time.inside).reduce((least, share) => Math.min(least, share ?? Infinity), Infinity);
    return Math.max(0, 10 * Math.floor(10 * lowest - 0.2));
  }

  // By phase ----------------------------------------------------------------------------------------------------------

  const BARS = 0.65; // of the width of a part, all methods together

  // Bars of all methods beside each other in each part of the cycle.
  function barsOf(all, metric, more) {
    const bar = BARS / all.length;
    return all.map(({ entry, phase }, i) => ({
      name: nameOf(entry), group: entry.method, x: phase[metric].map((_, part) => part + (i - (all.length - 1) / 2) * bar), y: phase[metric], colour: styleOf(entry.method).colour, bar, ...more,
    }));
  }

  function drawPhases(all) {
    const parts = all[0].phase.inside.length;
    const known = all.some(({ phase }) => phase.inside.some((share) => share !== null));
    element("coverage-phases").hidden = !known;
    if (!known) return;
    const name = (part) => `${(100 * part) / parts}–${(100 * (part + 1)) / parts}`;
    const x = {
      label: "breathing cycle (%)", range: [-0.5, parts - 0.5], say: (place) => `${name(Math.round(place))} % of the cycle`,
      ticks: Array.from({ length: parts }, (_, part) => [part, name(part)]),
    };
    const shares = barsOf(all, "inside", { say: toDigits(1, "% inside"), text: toDigits(1) }).map((each) => ({ ...each, y: each.y.map(percent) }));
    charts.draw("coverage-phase-chart", {
      columns: 2, height: 244,
      panels: [
        { title: `Share of ${what()} inside the radius (dashed: required)`, x, y: { label: `${what()} inside (%)`, range: [0, 103], ticks: [0, 25, 50, 75, 100].map((each) => [each, String(each)]) }, lines: shares, rules: levels(all).map(asked) },
        { title: "Mean radius", x, y: { label: "mm", zero: true }, lines: barsOf(all, "radius_mm", { say: toDigits(2, "mm"), text: toDigits(2) }) },
      ],
    });
  }

  // Words -------------------------------------------------------------------------------------------------------------

  function sentence({ entry, level, time, phase }) {
    const got = mean(time.inside);
    // The worst of fewer quarters may be better than the mean, most of whose frames lie in no whole breath then.
    const known = phase.inside.filter((share) => share !== null);
    const parts = known.length === phase.inside.length ? ` In the worst quarter of the breathing cycle it is ${(100 * Math.min(...known)).toFixed(1)} %.`
      : known.length ? " Not every quarter of the breathing cycle has frames to say its worst." : " No whole breath lies in the test span.";
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
    drawTimes(all);
    drawPhases(all);
  }

  const redraw = () => cinecast.later("coverage", draw);
  cinecast.on("theme", redraw);
  cinecast.on("choice", redraw);
})();
