"use strict";
// The charts of a series: traces with the forecasts and bands of one method, and errors of all methods.
const series = (() => {
  const element = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const { css } = plots;
  const PANEL_PX = 150;
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

  const inUnit = (text) => (numbers.unit ? `${text} (${numbers.unit})` : text);

  const say = (value, axis) => `${plots.words(value, axis)}${numbers.unit && ` ${numbers.unit}`}`;

  function panelOf(k, forecast, name, { colour, dash }, range) {
    const all = numbers.times_s;
    const test = all.slice(numbers.first);
    const lines = [
      { name: "recorded", x: all, y: numbers.measured[k], colour: css("--text"), width: 1.3, say },
      { name, x: test, y: forecast.mean[k], colour, width: 1.6, dash, say },
    ];
    if (numbers.filled[k].some((value) => value !== null)) {
      lines.push({ name: "filled in", x: all, y: numbers.filled[k], colour: css("--muted"), width: 1.3, dash: "dot", say });
    }
    return {
      title: numbers.columns[k], x: { label: "time (s)", range, say: (time) => `${time.toFixed(2)} s` }, y: { label: "" }, lines,
      bands: [{ name: "band", x: test, low: forecast.low[k], high: forecast.high[k], fill: `${colour}40` }],
      areas: numbers.unknown.map((x) => ({ x, fill: `${css("--muted")}40` })),
      rules: numbers.spans.map((x) => ({ x, colour: css("--muted"), dash: "dot", width: 1 })),
    };
  }

  const chosen = () => numbers.entries.findIndex(({ method, horizon }) => method === element("method").value && String(horizon) === element("horizon").value);

  async function drawTraces() {
    const place = chosen();
    const forecast = await load(place);
    if (place !== chosen()) return; // something else was chosen meanwhile
    const entry = numbers.entries[place];
    const shown = numbers.objects[Number(element("object").value)][1];
    const name = `${entry.method}, ${entry.horizon_s.toFixed(2)} s ahead`;
    const ends = [element("whole").ariaPressed === "true" ? numbers.times_s[0] : numbers.times_s[numbers.first], numbers.times_s.at(-1)];
    plots.draw(element("trace-chart"), { panels: shown.map((k) => panelOf(k, forecast, name, styleOf(entry.method), ends)), height: PANEL_PX, isStacked: true });
    element("trace-chart").dataset.shown = `${entry.method} ${entry.horizon} ${element("object").value}`;
  }

  function drawErrors() {
    const lines = methods().map((method) => {
      const own = numbers.entries.filter((entry) => entry.method === method && entry.rmse !== null);
      return {
        name: method, x: own.map(({ horizon_s }) => horizon_s), y: own.map(({ rmse }) => rmse), half: own.map(({ half_range }) => half_range ?? 0),
        ...styleOf(method), mark: "circle", size: 6, say,
      };
    });
    const furthest = Math.max(...numbers.entries.map(({ horizon_s }) => horizon_s));
    const x = { label: "horizon (s)", range: [0, 1.04 * furthest], say: (seconds) => `${seconds.toFixed(2)} s ahead` };
    plots.draw(element("error-chart"), { panels: [{ x, y: { label: inUnit("RMSE"), zero: true }, lines }], height: 292 });
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
