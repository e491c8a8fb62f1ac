"use strict";
// What the charts of a run have in common: looks of methods, the mark of the frame on show, a click that goes to a time.
const charts = (() => {
  const { element, state } = cinecast;
  const { axis, css, label, layout, plain } = plots;
  const times = () => state.numbers.times_s;
  const frames = () => state.numbers.player_frames;

  // References in grey and broken lines, methods in colours and shapes that tell apart without colour vision.
  function styleOf(method) {
    const all = cinecast.methods();
    const own = all.find(({ name }) => name === method);
    if (own.reference) {
      return method.endsWith("oracle") ? { colour: css("--text"), dash: "dot", symbol: "line-ew-open" }
        : { colour: css("--muted"), dash: "dash", symbol: "circle-open" };
    }
    const { series, dash, symbol } = state.numbers.looks[method]; // the same in every report and figure
    return { colour: css(`--series-${series}`), dash, symbol };
  }

  const SAID = { published: " – non-causal", unknown: " – causality not known" };
  const nameOf = ({ title, protocol }) => plain(title) + (SAID[protocol] ?? "");

  // Persistence first, the oracle last, the forecasters in their order between.
  function inOrder() {
    const place = ({ name, reference }) => (!reference ? 1 : name.endsWith("oracle") ? 2 : 0);
    return cinecast.methods().sort((a, b) => place(a) - place(b));
  }

  // Panels with axes of their own, side by side with a gap (share of the width), or one above the other on a phone. Their
  // places in the chart, from 0 to 1, and the height of all of them in pixels, which is that given where it is one row.
  const NARROW = matchMedia("(max-width: 600px)");
  const PANEL_PX = 190;
  const BELOW_PX = 100; // labels of ticks, title of the axis, title of the next panel
  function places(count, gap, rowPx) {
    if (!NARROW.matches) {
      const width = (1 - gap * (count - 1)) / count;
      return { px: rowPx, all: Array.from({ length: count }, (_, n) => ({ x: [n * (width + gap), n * (width + gap) + width], y: [0, 1] })) };
    }
    const px = count * PANEL_PX + (count - 1) * BELOW_PX;
    const top = (n) => 1 - (n * (PANEL_PX + BELOW_PX)) / px;
    return { px, all: Array.from({ length: count }, (_, n) => ({ x: [0, 1], y: [Math.max(0, top(n) - PANEL_PX / px), top(n)] })) };
  }
  NARROW.addEventListener("change", () => { if (state.numbers) cinecast.change("theme", {}); });

  // Panels one above the other over one axis of time, each with its title and the unit of its values.
  function stacked(panels, x, more) {
    const count = panels.length;
    const inner = 170 * count;
    const own = {};
    const notes = panels.map(({ title, unit, ...rest }, n) => {
      const top = 1 - n / count;
      own[n ? `yaxis${n + 1}` : "yaxis"] = axis({ domain: [1 - (n + 1) / count + (n < count - 1 ? 10 : 0) / inner, top - 22 / inner], title: label(unit), nticks: 6, ...rest });
      return { text: `<b>${plain(title)}</b>`, xref: "paper", yref: "paper", x: 0, xanchor: "left", y: top, yanchor: "top", showarrow: false };
    });
    return layout({
      height: inner + 100, margin: { l: 64, r: 16, t: 50, b: 48 },
      xaxis: axis({ title: label("time (s)"), anchor: count > 1 ? `y${count}` : "y", ...(x.length > 1 && { range: [x[0], x.at(-1)] }) }),
      ...own, annotations: notes, hovermode: "x unified",
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1 + 6 / inner, yanchor: "bottom" }, ...more,
    });
  }

  const { charts: src } = document.querySelector("script[data-charts]").dataset;
  const remedy = src.startsWith("..")
    ? "open this page in the folder of its batch, or make one that stands alone: cinecast report RUN --out FOLDER"
    : 'keep the folder "assets" beside this page';
  plots.prepare(src, remedy).catch(() => {}); // said with the first chart
  const later = (name, draw) => cinecast.later(name, draw, plots.isReady);

  const pauseTimes = () => state.numbers.pauses_end.map((frame) => times()[frame]);

  // Lines over time are broken where the recording pauses: nothing is known of what lies between.
  function broken(trace) {
    const { x, y, mode } = trace;
    if (!mode?.startsWith("lines") || trace.fill || x.length !== y.length || x.length < 3) return trace;
    const pauses = pauseTimes();
    const breaks = x.map((time, i) => i > 0 && pauses.some((pause) => x[i - 1] < pause && pause <= time));
    const widened = (values, filler) => Array.from(values).flatMap((value, i) => (breaks[i] ? [filler(i), value] : [value]));
    return { ...trace, x: widened(x, (i) => (x[i - 1] + x[i]) / 2), y: widened(y, () => null), connectgaps: false };
  }

  // The area between a line and the one before it, a patch for each stretch that both have: Plotly would fill the gaps.
  function patches(trace, i, all) {
    if (trace.fill !== "tonexty") return trace;
    const pauses = pauseTimes();
    const [low, high] = [all[i - 1].y, trace.y];
    const parts = [];
    trace.x.forEach((time, t) => {
      if (low[t] === null || high[t] === null) return;
      const part = parts.at(-1);
      const follows = part?.at(-1) === t - 1 && !pauses.some((pause) => trace.x[t - 1] < pause && pause <= time);
      if (follows) part.push(t);
      else parts.push([t]);
    });
    const around = (of, there, back) => parts.flatMap((part) => [...part.map(there), ...part.toReversed().map(back), of]);
    const at = (t) => trace.x[t];
    return { ...trace, fill: "toself", x: around(null, at, at), y: around(null, (t) => high[t], (t) => low[t]) };
  }

  // A printer gets the chart as it is on the screen, scaled to the paper.
  function sizeForPrint(chart) {
    const { width, height } = chart._fullLayout;
    chart.style.setProperty("--drawn", `${width} / ${height}`);
    for (const drawing of chart.querySelectorAll(".main-svg")) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  const isDrawn = (chart) => chart.classList.contains("js-plotly-plot");

  async function draw(id, traces, shape) {
    const chart = element(id);
    const isNew = !isDrawn(chart);
    const overTime = chart.nextElementSibling?.classList.contains("cursor");
    const drawn = overTime && cinecast.missesFrames() ? traces.map(patches).map(broken) : traces;
    await plots.draw(chart, drawn, shape, src, remedy);
    sizeForPrint(chart);
    if (isNew) chart.on("plotly_afterplot", () => sizeForPrint(chart));
    if (!overTime) return;
    if (isNew) {
      chart.on("plotly_click", ({ points }) => cinecast.goToTime(points[0].x));
      chart.on("plotly_afterplot", () => moveCursor(chart)); // also after a zoom or another width of the window
    }
    moveCursor(chart);
  }

  // The time of the frame shown. An element above the chart moves at once; redrawing the chart would stall the player.
  function moveCursor(chart) {
    const { _size: area, xaxis } = chart._fullLayout;
    const now = times()[frames()[state.position]];
    const share = (now - xaxis.range[0]) / (xaxis.range[1] - xaxis.range[0]);
    const line = chart.nextElementSibling;
    line.hidden = share < 0 || share > 1;
    line.style.transform = `translateX(${area.l + share * area.w}px)`;
    line.style.top = `${area.t}px`;
    line.style.height = `${area.h}px`;
  }

  cinecast.on("frame", () => {
    for (const line of document.querySelectorAll(".cursor")) {
      if (isDrawn(line.previousElementSibling)) moveCursor(line.previousElementSibling);
    }
  });

  return { css, plain, times, frames, styleOf, nameOf, inOrder, axis, label, layout, places, stacked, isNarrow: () => NARROW.matches, draw, later };
})();
