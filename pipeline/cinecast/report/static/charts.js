"use strict";
// Weights over time, error against horizon, error over time.
(() => {
  const { element, state } = cinecast;
  // Buttons are listed, not struck out: by default Plotly has one that uploads the chart's data to its makers.
  const CONFIG = {
    displaylogo: false,
    responsive: true,
    plotlyServerURL: "",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };
  const REGIONS = { image: "Whole image", roi: "ROI" };
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star"];

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Plotly reads some HTML in texts.
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const times = () => state.run.times_s;
  const now = () => times()[state.run.player_frames[state.position]];

  // References in grey and broken lines, methods in colours and shapes that tell apart without colour vision.
  function styleOf(method) {
    if (method === "persistence") return { colour: css("--muted"), dash: "dash", symbol: "circle-open" };
    if (method === "oracle") return { colour: css("--text"), dash: "dot", symbol: "line-ew-open" };
    const forecasters = cinecast.methods().filter(({ name }) => name !== "persistence" && name !== "oracle");
    const place = forecasters.findIndex(({ name }) => name === method);
    return {
      colour: css(`--series-${(place % 7) + 1}`),
      dash: place < 7 ? "solid" : "dashdot",
      symbol: SYMBOLS[place % SYMBOLS.length],
    };
  }

  function nameOf({ title, protocol }) {
    return plain(title) + (protocol === "published" ? " – non-causal" : "");
  }

  function axis(more) {
    return { gridcolor: css("--grid"), linecolor: css("--line"), zeroline: false, ticks: "outside", tickcolor: css("--line"), ...more };
  }

  const label = (text) => ({ text, font: { size: 13 } });

  function layout(more) {
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: css("--font"), size: 13, color: css("--text") },
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line"), font: { color: css("--text") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--muted"), activecolor: css("--accent") },
      margin: { l: 64, r: 16, t: 40, b: 48 },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom" },
      ...more,
    };
  }

  // Weights ------------------------------------------------------------------------------------------------------

  function spans() {
    const [train, validation, test] = state.run.split;
    const edge = (frame) => times()[Math.min(frame, times().length - 1)];
    return [["train", 0, train, "--span-train"], ["validation", train, validation, "--span-validation"],
      ["test", validation, test, "--span-test"]]
      .filter(([, from, to]) => to > from)
      .map(([name, from, to, colour]) => ({ name, from: edge(from), to: edge(to), colour: css(colour) }));
  }

  function weightTraces(entry, content) {
    const { colour } = styleOf(entry.method);
    return content.measured.flatMap((measured, k) => {
      const common = { x: times(), yaxis: k ? `y${k + 1}` : "y", mode: "lines", showlegend: k === 0 };
      const { mean, low, high } = content.forecast;
      const line = (y, name, more) => ({ ...common, y, name, ...more });
      const bounds = { line: { width: 0 }, hoverinfo: "skip", connectgaps: false, legendgroup: "band" };
      const band = low && entry.protocol !== "oracle" ? [
        line(low[k], "", { ...bounds, showlegend: false }),
        line(high[k], `smallest to largest of ${entry.runs} runs`, { ...bounds, fill: "tonexty", fillcolor: `${colour}55` }),
      ] : [];
      const forecast = line(mean[k], nameOf(entry), { line: { color: colour, width: 1.8 }, legendgroup: "forecast" });
      return [
        ...band,
        line(measured, "measured", { line: { color: css("--text"), width: 1.2 }, legendgroup: "measured" }),
        ...(entry.protocol === "oracle" ? [] : [forecast]),
      ];
    });
  }

  function weightLayout(content) {
    const modes = content.measured.length;
    const inner = 150 * modes;
    const axes = {};
    const notes = [];
    content.measured.forEach((_, k) => {
      const top = 1 - k / modes;
      const share = state.run.explained_variance[k];
      axes[k ? `yaxis${k + 1}` : "yaxis"] = axis({ domain: [1 - (k + 1) / modes + (k < modes - 1 ? 6 : 0) / inner, top - 22 / inner], nticks: 5 });
      const known = content.first_basis && share !== undefined && share !== null;
      const title = `<b>Mode ${k + 1}</b>${known ? ` – explains ${(100 * share).toFixed(1)} % of the train span's motion variance` : ""}`;
      notes.push({ text: title, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: top, yanchor: "top", showarrow: false });
    });
    const shaded = spans();
    const names = shaded.map(({ name, from, to }) => ({
      text: name, xref: "x", yref: "paper", x: (from + to) / 2, y: 1, yanchor: "bottom", showarrow: false, font: { color: css("--muted") },
    }));
    return layout({
      height: inner + 110,
      margin: { l: 64, r: 16, t: 62, b: 48 },
      xaxis: axis({ title: label("time (s)"), anchor: modes > 1 ? `y${modes}` : "y", range: range() }),
      ...axes,
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 22 / inner, yanchor: "bottom", traceorder: "normal" },
      annotations: [...notes, ...names],
      shapes: shaded.map(({ from, to, colour }) => ({
        type: "rect", xref: "x", yref: "paper", x0: from, x1: to, y0: 0, y1: 1, fillcolor: colour, line: { width: 0 }, layer: "below",
      })),
    });
  }

  let wholeSequence = true;
  function range() {
    const test = spans().find(({ name }) => name === "test");
    return wholeSequence ? [times()[0], times().at(-1)] : [test.from, test.to];
  }

  async function drawWeights() {
    const entry = cinecast.entryOf(state.method);
    const content = await cinecast.load(entry.id, entry.file).catch(() => null); // the player says what is missing
    if (!content || cinecast.entryOf(state.method) !== entry) return;
    const over = entry.runs > 1 ? ` Line: mean over ${entry.runs} random runs; band: smallest to largest.` : "";
    const own = content.first_basis ? "" : " This method forecasts the weights of its own motion model, fitted to a longer train span.";
    element("weights-words").textContent = entry.protocol === "oracle"
      ? "Weights as measured on the real frames, which the oracle takes as they are."
      : `Weights as measured on the real frames, and as forecast ${entry.horizon_s.toFixed(2)} s ahead, each drawn at the time it ` +
        `was forecast for.${over}${own} Modes and their weights come from the train span; a click moves the player to that time.`;
    await draw("weights-chart", weightTraces(entry, content), weightLayout(content));
  }

  // Error against horizon ----------------------------------------------------------------------------------------

  function horizonTrace(method, region, panel) {
    const style = styleOf(method.name);
    const points = state.run.horizon_errors.filter((point) => point.method === method.name && point.region === region);
    return {
      x: points.map(({ s }) => s),
      y: points.map(({ value }) => value),
      error_y: { type: "data", array: points.map(({ half_range }) => half_range ?? 0), visible: points.some((p) => p.half_range), thickness: 1.5, width: 5 },
      name: nameOf(state.run.entries.find((entry) => entry.method === method.name)),
      legendgroup: method.name,
      showlegend: panel === 0,
      xaxis: panel ? "x2" : "x",
      yaxis: panel ? "y2" : "y",
      mode: "lines+markers",
      line: { color: style.colour, dash: style.dash, width: 2 },
      marker: { symbol: style.symbol, size: 9, line: { width: 2, color: style.colour } },
      hovertemplate: "%{y:.2f} mm at %{x:.2f} s",
    };
  }

  async function drawHorizons() {
    const regions = [...new Set(state.run.horizon_errors.map(({ region }) => region))];
    const traces = regions.flatMap((region, panel) => inOrder().map((method) => horizonTrace(method, region, panel)));
    const ticks = cinecast.horizons();
    const texts = ticks.map(({ frames, s }) => `${s.toFixed(2)}<br>(${frames})`);
    const axes = {};
    const notes = regions.map((region, panel) => {
      const domain = regions.length === 1 ? [0, 1] : [[0, 0.465], [0.535, 1]][panel];
      const number = panel ? panel + 1 : "";
      axes[`xaxis${number}`] = axis({ domain, anchor: `y${number}`, tickvals: ticks.map(({ s }) => s), ticktext: texts, title: label("horizon in s (frames)") });
      axes[`yaxis${number}`] = axis({ anchor: `x${number}`, rangemode: "tozero", title: label(panel ? "" : "mean geometric error (mm)") });
      return { text: `<b>${REGIONS[region] ?? plain(region)}</b>`, xref: "paper", yref: "paper", x: domain[0], xanchor: "left", y: 1, yanchor: "bottom", showarrow: false };
    });
    await draw("horizon-chart", traces, layout({
      height: 420, margin: { l: 64, r: 16, t: 70, b: 72 }, ...axes, annotations: notes, hovermode: "closest",
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.09, yanchor: "bottom" },
    }));
  }

  // Error over time ----------------------------------------------------------------------------------------------

  function timeTrace(method) {
    const entry = cinecast.entryOf(method.name);
    const style = styleOf(method.name);
    const errors = entry?.errors_mm[state.region];
    if (!errors) return [];
    const chosen = method.name === state.method;
    return [{
      x: times().slice(state.run.split[1], state.run.split[2]),
      y: errors,
      name: nameOf(entry),
      mode: errors.length > 1 ? "lines" : "markers",
      line: { color: style.colour, dash: style.dash, width: chosen ? 3 : 1.5 },
      marker: { color: style.colour, symbol: style.symbol, size: 9 },
      hovertemplate: "%{y:.2f} mm",
    }];
  }

  async function drawTimes() {
    const seconds = cinecast.horizons().find(({ frames }) => frames === state.horizon).s;
    element("time-words").textContent = `Mean geometric error of each test frame in the ${(REGIONS[state.region] ?? state.region).replace("Whole", "whole")}, ` +
      `forecast ${seconds.toFixed(2)} s ahead (mean over random runs). The chosen method is drawn thicker; a click moves the player to that time.`;
    await draw("time-chart", inOrder().flatMap(timeTrace), layout({
      height: 360,
      xaxis: axis({ title: label("time (s)") }),
      yaxis: axis({ title: label("mean geometric error (mm)"), rangemode: "tozero" }),
      hovermode: "x unified",
    }));
  }

  // All ----------------------------------------------------------------------------------------------------------

  // Persistence first, the oracle last, the forecasters in their order between.
  function inOrder() {
    const place = ({ name }) => (name === "persistence" ? 0 : name === "oracle" ? 2 : 1);
    return cinecast.methods().sort((a, b) => place(a) - place(b));
  }

  async function draw(id, traces, shape) {
    const chart = element(id);
    const isNew = !isDrawn(chart);
    await Plotly.react(chart, traces, shape, CONFIG);
    if (!chart.nextElementSibling) return;
    if (isNew) {
      chart.on("plotly_click", ({ points }) => goTo(points[0].x));
      chart.on("plotly_afterplot", () => moveCursor(chart)); // also after a zoom or another width of the window
    }
    moveCursor(chart);
  }

  function goTo(time) {
    const distance = (frame) => Math.abs(times()[frame] - time);
    const frames = state.run.player_frames;
    cinecast.setPosition(frames.reduce((best, frame, i) => (distance(frame) < distance(frames[best]) ? i : best), 0));
  }

  // The time of the frame shown. An element above the chart moves at once; redrawing the chart would stall the player.
  function moveCursor(chart) {
    const { _size: area, xaxis } = chart._fullLayout;
    const share = (now() - xaxis.range[0]) / (xaxis.range[1] - xaxis.range[0]);
    const line = chart.nextElementSibling;
    line.hidden = share < 0 || share > 1;
    line.style.transform = `translateX(${area.l + share * area.w}px)`;
    line.style.top = `${area.t}px`;
    line.style.height = `${area.h}px`;
  }

  const isDrawn = (chart) => chart.classList.contains("js-plotly-plot");

  function moveCursors() {
    for (const id of ["weights-chart", "time-chart"]) if (isDrawn(element(id))) moveCursor(element(id));
  }

  function drawAll() {
    drawWeights();
    drawHorizons();
    drawTimes();
  }

  function showSpan(whole) {
    wholeSequence = whole;
    element("span-all").setAttribute("aria-pressed", whole);
    element("span-test").setAttribute("aria-pressed", !whole);
    Plotly.relayout(element("weights-chart"), { "xaxis.range": range() });
  }

  element("span-all").addEventListener("click", () => showSpan(true));
  element("span-test").addEventListener("click", () => showSpan(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  cinecast.on("choice", drawAll);
  cinecast.on("frame", moveCursors);
})();
