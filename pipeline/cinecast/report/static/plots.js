"use strict";
// What the charts of all pages have in common: the library that draws them, colours, axes, texts.
const plots = (() => {
  // Buttons are listed, not struck out: by default Plotly has one that uploads the chart's data to its makers.
  const CONFIG = {
    displaylogo: false,
    responsive: true,
    plotlyServerURL: "",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  };

  // Colours are asked for again and again, and each time the browser would look whether the page has changed.
  const known = new Map();
  function css(name) {
    const root = document.documentElement;
    const key = `${root.dataset.theme} ${name}`;
    if (!known.has(key)) known.set(key, getComputedStyle(root).getPropertyValue(name).trim());
    return known.get(key);
  }

  // Plotly reads some HTML in texts.
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const label = (text) => ({ text, font: { size: 13 } });
  const axis = (more) => ({
    gridcolor: css("--grid"), linecolor: css("--line"), zeroline: false, ticks: "outside", tickcolor: css("--line"), ...more,
  });
  const layout = (more) => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: css("--font"), size: 13, color: css("--text") },
    hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line"), font: { color: css("--text") } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: css("--muted"), activecolor: css("--accent") },
    margin: { l: 64, r: 16, t: 40, b: 48 },
    legend: { orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom" },
    ...more,
  });

  // A long legend makes a chart higher: Plotly would make room for it by lower panels. The same rows as Plotly's, which has columns
  // as wide as the widest entry where one row is too short.
  const ENTRY_PX = 45; // width of an entry without its text
  const [ROW_PX, AROUND_PX] = [20, 22];
  const pen = document.createElement("canvas").getContext("2d");
  function withRoom(traces, shape, width) {
    const names = traces.filter(({ name, showlegend }) => name && showlegend !== false).map(({ name }) => name.replace(/&[a-z]+;/g, "&"));
    if (shape.showlegend === false || names.length < 2 || !width) return shape;
    const { l, r, t, b } = shape.margin;
    pen.font = `13px ${css("--font")}`;
    const widths = names.map((name) => pen.measureText(name).width + ENTRY_PX);
    const room = width - l - r;
    const isOneRow = widths.reduce((sum, each) => sum + each, 0) <= room;
    const rows = isOneRow ? 1 : Math.ceil(names.length / Math.max(1, Math.floor(room / Math.max(...widths))));
    const above = (shape.legend.y - 1) * (shape.height - t - b) + rows * ROW_PX + AROUND_PX;
    const more = Math.ceil(Math.max(0, above - t));
    return { ...shape, height: shape.height + more, margin: { ...shape.margin, t: t + more }, legend: { ...shape.legend, tracegroupgap: 0 } };
  }

  // The library ---------------------------------------------------------------------------------------------------

  // A script of the page: resolves once it has run.
  function run(src, more) {
    return new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject, ...more }));
    });
  }

  let packed = null;
  const receive = (text) => { packed = text; };

  // The library as a function that has been compiled and not run, in the hope that both happens beside the page's own
  // work: browsers that know the first line compile all of it there, in one go.
  async function compile(src, remedy) {
    await run(src).catch(() => { throw new Error(`${src} is missing: ${remedy}`); });
    const parts = ["//# allFunctionsCalledOnLoad\nwindow.startPlotly = (() => {\n", ...(await unpack.inflatedParts(packed)), "\n});\n"];
    packed = null;
    const address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
    await run(address);
    URL.revokeObjectURL(address);
    isCompiled = true;
  }

  let isCompiled = false;
  let compiled = null;
  const prepare = (src, remedy) => (compiled ??= compile(src, remedy));

  let library = null;
  async function start(src, remedy) {
    await prepare(src, remedy);
    window.startPlotly();
    return window.Plotly;
  }

  // Draws a chart, or what has changed of it; rejects with the remedy where the library is missing.
  async function draw(chart, traces, shape, src, remedy) {
    const plotly = await (library ??= start(src, remedy));
    return plotly.react(chart, traces, withRoom(traces, shape, chart.clientWidth), CONFIG);
  }

  return { axis, css, draw, label, layout, plain, prepare, receive, isReady: () => isCompiled };
})();
