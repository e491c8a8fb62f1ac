"use strict";
// Errors: against horizon, over time, over the breathing cycle, and how they are distributed.
(() => {
  const { element, state } = cinecast;
  const { css, plain, times, styleOf, nameOf, inOrder, axis, label } = charts;
  const BINS = 8;
  const titleOf = (region) => state.numbers.region_titles[region] ?? region;
  const inRegion = () => state.numbers.region_places[state.region];
  const PANELS = ["landmarks", "image", "roi"]; // of the chart against horizon

  // Against horizon ---------------------------------------------------------------------------------------------------

  function horizonTrace(method, region, panel) {
    const style = styleOf(method.name);
    const points = state.numbers.horizon_errors.filter((point) => point.method === method.name && point.region === region);
    return {
      x: points.map(({ s }) => s),
      y: points.map(({ value }) => value),
      error_y: { type: "data", array: points.map(({ half_range }) => half_range ?? 0), visible: points.some((p) => p.half_range), thickness: 1.5, width: 5 },
      name: nameOf(state.numbers.entries.find((entry) => entry.method === method.name)),
      legendgroup: method.name,
      showlegend: panel === 0,
      xaxis: panel ? `x${panel + 1}` : "x",
      yaxis: panel ? `y${panel + 1}` : "y",
      mode: "lines+markers",
      line: { color: style.colour, dash: style.dash, width: 2 },
      marker: { symbol: style.symbol, size: 8, line: { width: 2, color: style.colour } },
      hovertemplate: "%{y:.2f} mm at %{x:.2f} s",
    };
  }

  // The error of the measured motion itself, which has no forecasts and so no entry.
  function measuredTraces(panel) {
    if (panel < 0) return [];
    const own = state.numbers.horizon_errors.filter(({ method }) => method.endsWith("measured"));
    return [...new Set(own.map(({ method }) => method))].map((method) => {
      const points = own.filter((point) => point.method === method);
      return {
        x: points.map(({ s }) => s), y: points.map(({ value }) => value), mode: "lines", name: plain(method.replace(/measured$/, "Measured motion")),
        xaxis: panel ? `x${panel + 1}` : "x", yaxis: panel ? `y${panel + 1}` : "y",
        line: { color: css("--muted"), dash: "dot", width: 1.5 }, hovertemplate: "%{y:.2f} mm",
      };
    });
  }

  async function drawHorizons() {
    const scored = new Set(state.numbers.horizon_errors.map(({ region }) => region));
    const regions = PANELS.filter((region) => scored.has(region));
    const traces = regions.flatMap((region, panel) => inOrder().map((method) => horizonTrace(method, region, panel)));
    traces.push(...measuredTraces(regions.indexOf("landmarks")));
    const ticks = cinecast.horizons();
    const every = Math.ceil(ticks.length / 7); // more labels than that overlap
    const texts = ticks.map(({ frames, s }, i) => (i % every ? "" : `${s.toFixed(2)}<br>(${frames})`));
    const axes = {};
    const { px, all } = charts.places(regions.length, 0.07, 278);
    const notes = regions.map((region, panel) => {
      const { x: domain, y } = all[panel];
      const number = panel ? panel + 1 : "";
      axes[`xaxis${number}`] = axis({ domain, anchor: `y${number}`, tickvals: ticks.map(({ s }) => s), ticktext: texts, title: label("horizon in s (frames)") });
      axes[`yaxis${number}`] = axis({ domain: y, anchor: `x${number}`, rangemode: "tozero", title: label(panel && !charts.isNarrow() ? "" : "mean geometric error (mm)") });
      return { text: `<b>${plain(titleOf(region))}</b>`, xref: "paper", yref: "paper", x: domain[0], xanchor: "left", y: y[1], yanchor: "bottom", showarrow: false };
    });
    await charts.draw("horizon-chart", traces, charts.layout({
      height: px + 142, margin: { l: 64, r: 16, t: 70, b: 72 }, ...axes, annotations: notes, hovermode: "closest",
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 25 / px, yanchor: "bottom" },
    }));
  }

  // Of single frames --------------------------------------------------------------------------------------------------

  // Methods with errors at the chosen horizon in the chosen region.
  function perFrame() {
    return inOrder().map(({ name }) => cinecast.entryOf(name)).filter(Boolean)
      .map((entry) => ({ entry, errors: cinecast.ofScored(entry, entry.errors_mm[state.region] ?? []) }))
      .filter(({ errors }) => errors.some((error) => error !== null));
  }

  function lineTrace({ entry }, x, y, more) {
    const style = styleOf(entry.method);
    return {
      x, y, name: nameOf(entry), mode: y.length > 1 ? "lines" : "markers",
      line: { color: style.colour, dash: style.dash, width: entry.method === state.method ? 3 : 1.5 },
      marker: { color: style.colour, symbol: style.symbol, size: 8 }, ...more,
    };
  }

  async function drawTimes() {
    const [, start, end] = state.numbers.split;
    const seconds = cinecast.horizons().find(({ frames }) => frames === state.horizon)?.s ?? 0;
    element("time-words").textContent = `The chart shows the mean geometric error of each test frame ${inRegion()}, forecast ${seconds.toFixed(2)} s ahead, as a mean over random runs. ` +
      "The chosen method has a thicker line. Click on the chart to move the player to that time.";
    const traces = perFrame().map((each) => lineTrace(each, times().slice(start, end), each.errors, { hovertemplate: "%{y:.2f} mm" }));
    await charts.draw("time-chart", traces, charts.layout({
      height: 360,
      xaxis: axis({ title: label("time (s)") }),
      yaxis: axis({ title: label("mean geometric error (mm)"), rangemode: "tozero" }),
      hovermode: "x unified",
    }));
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

  async function drawPhases() {
    const [, start, end] = state.numbers.split;
    const known = state.numbers.phases.slice(start, end).filter((phase) => phase !== null).length;
    element("phase-chart").hidden = known === 0;
    element("phase-words").textContent = known === 0
      ? "No whole breath was found in the test span, so there is no chart of errors over the breathing cycle."
      : `The chart shows the mean error in ${BINS} parts of the cycle. A cycle runs from one lowest place of the tissue in the image (0 %) to the next. ` +
        `With the head on top, that is the end of inhalation. ${known} of ${end - start} test frames lie in whole breaths, which are found on the measured motion.`;
    if (!known) return;
    const percent = Array.from({ length: BINS }, (_, bin) => (100 * (bin + 0.5)) / BINS);
    const traces = perFrame().map((each) => lineTrace(each, percent, byPhase(each.errors), {
      mode: "lines+markers", hovertemplate: "%{y:.2f} mm", connectgaps: false,
    }));
    await charts.draw("phase-chart", traces, charts.layout({
      height: 340,
      xaxis: axis({ title: label("breathing cycle (%)"), range: [0, 100], dtick: 25 }),
      yaxis: axis({ title: label("mean geometric error (mm)"), rangemode: "tozero" }),
      hovermode: "x unified", showlegend: false,
    }));
  }

  async function drawDistribution() {
    const traces = perFrame().map((each) => {
      const sorted = each.errors.filter((error) => error !== null).sort((a, b) => a - b);
      const shares = sorted.map((_, i) => (100 * (i + 1)) / sorted.length);
      return lineTrace(each, sorted, shares, { line: { ...lineTrace(each, [], []).line, shape: "hv" }, hovertemplate: "%{y:.0f} % of frames are off by %{x:.2f} mm or less" });
    });
    await charts.draw("distribution-chart", traces, charts.layout({
      height: 340,
      xaxis: axis({ title: label("mean geometric error of a frame (mm)"), rangemode: "tozero" }),
      yaxis: axis({ title: label("frames with this error or less (%)"), range: [0, 102] }),
      hovermode: "closest", showlegend: false,
    }));
  }

  function drawAll() {
    if (!state.numbers.horizon_errors.length) return;
    charts.later("horizons", drawHorizons);
    charts.later("times", drawTimes);
    charts.later("phases", drawPhases);
    charts.later("distribution", drawDistribution);
  }

  cinecast.on("theme", drawAll);
  cinecast.on("choice", drawAll);
})();
