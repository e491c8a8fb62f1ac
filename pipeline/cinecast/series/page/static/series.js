"use strict";
// The charts of a series: traces with the forecasts and bands of one method, and errors of all methods.
const series = (() => {
  const element = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const { axis, css, label, layout, plain } = plots;
  const [src, remedy] = [document.querySelector("script[data-charts]").dataset.charts, 'keep the folder "assets" beside this page'];
  const PANEL = 170;
  let numbers = null;
  const waiting = new Map();
  const loaded = new Map();

  const methods = () => [...new Set(numbers.entries.map(({ method }) => method))];
  const isReference = (method) => numbers.entries.find((entry) => entry.method === method).reference;

  function styleOf(method) {
    if (isReference(method)) return { colour: css("--muted"), dash: "dash" };
    const { series, dash } = numbers.entries.find((entry) => entry.method === method);
    return { colour: css(`--series-${series}`), dash };
  }

  // Forecasts are loaded when they are first shown.
  function load(place) {
    if (!loaded.has(place)) {
      loaded.set(place, new Promise((resolve, reject) => {
        waiting.set(place, resolve);
        const src = `assets/entry_${String(place).padStart(3, "0")}.js`;
        const script = Object.assign(document.createElement("script"), { src });
        script.onerror = () => reject(new Error(`${src} is missing: keep the folder "assets" beside this page`));
        document.head.append(script);
      }));
    }
    return loaded.get(place);
  }
  const receive = (place, forecast) => waiting.get(place)(forecast);

  const inUnit = (text) => (numbers.unit ? `${text} (${plain(numbers.unit)})` : text);

  // The area of a band, a patch for each stretch that has one: Plotly would fill the gaps.
  function patches(x, low, high) {
    const parts = [];
    low.forEach((value, t) => {
      if (value === null || high[t] === null) return;
      if (parts.at(-1)?.at(-1) === t - 1) parts.at(-1).push(t);
      else parts.push([t]);
    });
    const around = (of, there, back) => parts.flatMap((part) => [...part.map(there), ...part.toReversed().map(back), of]);
    return { x: around(null, (t) => x[t], (t) => x[t]), y: around(null, (t) => high[t], (t) => low[t]) };
  }

  // The legend switches a line in all panels.
  const inGroups = (traces) => traces.map((trace) => ({ ...trace, legendgroup: trace.name }));

  function panelOf(k, n, forecast, name, look) {
    const all = numbers.times_s;
    const test = all.slice(numbers.first);
    const place = { xaxis: "x", yaxis: n ? `y${n + 1}` : "y", showlegend: n === 0, mode: "lines", connectgaps: false };
    const traces = [
      { ...place, ...patches(test, forecast.low[k], forecast.high[k]), name: "band", fill: "toself", fillcolor: look.colour, opacity: 0.25, line: { width: 0 }, hoverinfo: "skip" },
      { ...place, x: all, y: numbers.measured[k], name: "recorded", line: { color: css("--text"), width: 1.3 } },
      { ...place, x: test, y: forecast.mean[k], name, line: { color: look.colour, width: 1.6, dash: look.dash } },
    ];
    if (numbers.filled[k].some((value) => value !== null)) {
      traces.push({ ...place, x: all, y: numbers.filled[k], name: "filled in", line: { color: css("--muted"), width: 1.3, dash: "dot" } });
    }
    return inGroups(traces);
  }

  const area = ([x0, x1]) => ({ type: "rect", xref: "x", yref: "paper", x0, x1, y0: 0, y1: 1, line: { width: 0 }, fillcolor: css("--muted"), opacity: 0.25, layer: "below" });
  const edge = (x) => ({ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line: { color: css("--muted"), width: 1, dash: "dot" } });

  async function drawTraces() {
    const place = numbers.entries.findIndex(({ method, horizon }) => method === element("method").value && String(horizon) === element("horizon").value);
    const forecast = await load(place);
    const entry = numbers.entries[place];
    const shown = numbers.objects[Number(element("object").value)][1];
    const look = styleOf(entry.method);
    const name = `${plain(entry.method)}, ${entry.horizon_s.toFixed(2)} s ahead`;
    const axes = {};
    shown.forEach((_, n) => {
      const ends = [1 - (n + 1) / shown.length + (n < shown.length - 1 ? 0.03 : 0), 1 - n / shown.length];
      axes[n ? `yaxis${n + 1}` : "yaxis"] = axis({ domain: ends, title: label(plain(numbers.columns[shown[n]])), nticks: 6 });
    });
    const ends = [element("whole").ariaPressed === "true" ? numbers.times_s[0] : numbers.times_s[numbers.first], numbers.times_s.at(-1)];
    const shape = layout({
      height: PANEL * shown.length + 90, hovermode: "x unified",
      xaxis: axis({ title: label("time (s)"), range: ends, anchor: shown.length > 1 ? `y${shown.length}` : "y" }),
      shapes: [...numbers.unknown.map(area), ...numbers.spans.map(edge)], ...axes,
    });
    await plots.draw(element("trace-chart"), shown.flatMap((k, n) => panelOf(k, n, forecast, name, look)), shape, src, remedy);
    element("trace-chart").dataset.shown = `${entry.method} ${entry.horizon} ${element("object").value}`;
  }

  function drawErrors() {
    const traces = methods().map((method) => {
      const own = numbers.entries.filter((entry) => entry.method === method && entry.rmse !== null);
      const { colour, dash } = styleOf(method);
      return {
        x: own.map(({ horizon_s }) => horizon_s), y: own.map(({ rmse }) => rmse), name: plain(method), mode: "lines+markers",
        line: { color: colour, dash }, error_y: { type: "data", array: own.map(({ half_range }) => half_range ?? 0), visible: own.some(({ half_range }) => half_range) },
      };
    });
    const shape = layout({
      height: 380, xaxis: axis({ title: label("horizon (s)"), rangemode: "tozero" }),
      yaxis: axis({ title: label(inUnit("RMSE")), rangemode: "tozero" }),
    });
    return plots.draw(element("error-chart"), traces, shape, src, remedy);
  }

  function fill(id, options) {
    element(id).replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  }

  function setTheme() {
    document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  }

  function draw() {
    drawErrors();
    drawTraces();
  }

  function start(given) {
    numbers = given;
    element("missing-scripts").hidden = true;
    const horizons = [...new Map(numbers.entries.map(({ horizon, horizon_s }) => [horizon, horizon_s]))];
    fill("method", methods().map((method) => [method, method]));
    fill("horizon", horizons.map(([horizon, seconds]) => [horizon, `${seconds.toFixed(2)} s (${horizon})`]));
    fill("object", numbers.objects.map(([name], i) => [i, name]));
    // The best forecaster at the shortest horizon comes first.
    const known = numbers.entries.filter(({ horizon, reference, rmse }) => horizon === horizons[0][0] && !reference && rmse !== null);
    const best = known.toSorted((a, b) => a.rmse - b.rmse)[0];
    if (best) element("method").value = best.method;
    for (const id of ["method", "horizon", "object"]) element(id).addEventListener("change", drawTraces);
    element("whole").addEventListener("click", () => {
      element("whole").ariaPressed = String(element("whole").ariaPressed !== "true");
      drawTraces();
    });
    dark.addEventListener("change", () => { setTheme(); draw(); });
    setTheme();
    draw();
  }

  return { start, receive };
})();
