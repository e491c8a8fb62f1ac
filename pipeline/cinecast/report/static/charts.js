"use strict";
// What the charts of a run have in common: looks of methods, the mark of the frame on show, a click that goes to a time.
const charts = (() => {
  const { element, state } = cinecast;
  const { css } = plots;
  const times = () => state.numbers.times_s;
  const frames = () => state.numbers.player_frames;

  // References in grey and broken lines, those of the second run and the third broken otherwise; methods in colours and shapes
  // that tell apart without colour vision.
  const OF_ORACLE = [["dot", "line"], ["dashdot", "x"], ["longdashdot", "cross"]];
  const OF_PERSISTENCE = [["dash", "circle-open"], ["longdash", "square-open"], ["12px,3px", "diamond-open"]];
  function styleOf(method) {
    const references = cinecast.methods().filter(({ reference }) => reference).map(({ name }) => name);
    if (references.includes(method)) {
      const isOracle = (name) => name.endsWith("oracle");
      const [looks, colour] = isOracle(method) ? [OF_ORACLE, "--text"] : [OF_PERSISTENCE, "--muted"];
      const alike = references.filter((name) => isOracle(name) === isOracle(method));
      const [dash, mark] = looks[alike.indexOf(method) % looks.length];
      return { colour: css(colour), dash, mark };
    }
    const { series, dash, symbol } = state.numbers.looks[method]; // the same in every report and figure
    return { colour: css(`--series-${series}`), dash, mark: symbol };
  }

  const SAID = { published: " – non-causal", unknown: " – causality not known" };
  const nameOf = ({ title, protocol }) => title + (SAID[protocol] ?? "");

  // Persistence first, the oracle last, the forecasters in their order between.
  function inOrder() {
    const place = ({ name, reference }) => (!reference ? 1 : name.endsWith("oracle") ? 2 : 0);
    return cinecast.methods().sort((a, b) => place(a) - place(b));
  }

  // Two digits of what would be 0 otherwise: 0.0012 mm.
  function toDigits(digits, unit = "") {
    const words = (value) => (value && Math.abs(value) < 0.5 * 10 ** -digits ? String(+value.toPrecision(2)) : value.toFixed(digits));
    return (value) => `${words(value)}${unit && ` ${unit}`}`;
  }

  const overTime = (x) => ({ label: "time (s)", say: toDigits(2, "s"), ...(x?.length > 1 && { range: [x[0], x.at(-1)] }) });

  // The axis of the horizons that scores are of.
  function overHorizons(scores) {
    const all = [...new Map(scores.map(({ s, frames: number }) => [s, number]))].sort(([a], [b]) => a - b);
    const ticks = all.map(([s, number]) => [s, `${s.toFixed(2)}\n(${number})`]);
    const common = { label: "horizon in s (frames)", say: toDigits(2, "s ahead"), ticks };
    if (!all.length) return common;
    const [[first], [last]] = [all[0], all.at(-1)];
    const room = 0.04 * (last - first) || 0.1 * first || 0.1;
    return { ...common, range: [first - room, last + room] };
  }

  // The lines of scores of one kind against horizon: of all methods in their order, then of the measured motion itself, which
  // has no forecasts and so no entry.
  function againstHorizon(scores, say) {
    const line = (method, look) => {
      const own = scores.filter((each) => each.method === method);
      return { x: own.map(({ s }) => s), y: own.map(({ value }) => value), say, ...look(own) };
    };
    const methods = inOrder().map(({ name: method }) => line(method, (own) => ({
      name: nameOf(state.numbers.entries.find((entry) => entry.method === method)), group: method, half: own.map(({ half_range: half }) => half ?? 0), ...styleOf(method), width: 2,
    })));
    const measured = [...new Set(scores.map(({ method }) => method))].filter((method) => method.endsWith("measured"))
      .map((method) => line(method, () => ({ name: method.replace(/measured$/, "Measured motion"), colour: css("--muted"), dash: "dot", width: 1.5 })));
    return [...methods, ...measured].filter(({ x }) => x.length);
  }

  const pauseTimes = () => state.numbers.pauses_end.map((frame) => times()[frame]);

  // Lines over time are broken where the recording pauses: nothing is known of what lies between.
  function broken(line) {
    const { x } = line;
    if (line.bare || x.length < 3) return line;
    const pauses = pauseTimes();
    const breaks = Array.from(x, (time, i) => i > 0 && pauses.some((pause) => x[i - 1] < pause && pause <= time));
    const widened = (values, filler) => Array.from(values).flatMap((value, i) => (breaks[i] ? [filler(i), value] : [value]));
    const gaps = Object.fromEntries(["y", "low", "high"].filter((name) => line[name]).map((name) => [name, widened(line[name], () => null)]));
    return { ...line, x: widened(x, (i) => (x[i - 1] + x[i]) / 2), ...gaps };
  }

  function draw(id, chart) {
    const own = element(id);
    const line = own.nextElementSibling?.classList.contains("cursor") ? own.nextElementSibling : null;
    if (!line) return plots.draw(own, chart);
    if (!own.classList.contains("drawn")) own.addEventListener("draw", () => moveCursor(own)); // also after a zoom or another width of the window
    const panels = cinecast.missesFrames() ? chart.panels.map((panel) => ({ ...panel, lines: panel.lines.map(broken), bands: panel.bands?.map(broken) })) : chart.panels;
    return plots.draw(own, { ...chart, panels, onClick: cinecast.goToTime });
  }

  // The time of the frame shown. An element above the chart moves at once; redrawing the chart would stall the player.
  const places = new WeakMap();
  function moveCursor(chart) {
    const all = plots.of(chart);
    const [around, first, last] = [chart.parentElement, all[0].over, all.at(-1).over].map((each) => each.getBoundingClientRect());
    places.set(chart, { u: all.at(-1), left: last.left - around.left, top: first.top - around.top, width: last.width, height: last.bottom - first.top });
    placeCursor(chart);
  }

  function placeCursor(chart) {
    const { u, left, top, width, height } = places.get(chart);
    const at = u.valToPos(times()[frames()[state.position]], "x");
    const line = chart.nextElementSibling;
    line.hidden = !(at >= -0.5 && at <= width + 0.5);
    Object.assign(line.style, { transform: `translateX(${left + at}px)`, top: `${top}px`, height: `${height}px` });
  }

  cinecast.on("frame", () => {
    for (const { previousElementSibling: chart } of document.querySelectorAll(".cursor")) {
      if (places.has(chart)) placeCursor(chart);
    }
  });

  return { css, times, frames, styleOf, nameOf, inOrder, toDigits, overTime, overHorizons, againstHorizon, draw };
})();
