"use strict";
// Draws the traces of the last seconds, and what the newest forecast took.
const traces = (() => {
  const SVG = document.getElementById("marks").namespaceURI;
  const SHOWN_S = 30;
  const PERIODS = 3; // one or two lost frames are filled in
  const [LEFT, RIGHT, TOP, BOTTOM] = [46, 8, 8, 22];
  // In the order of their colours.
  const PARTS = { "receiving and checks": "receiving and checks", flow: "flow", projection: "projection onto the model", forecast: "forecast", reconstruction: "reconstruction", warp: "warp", way: "on its way here, by the sender’s clock" };
  const BEGINS = { acquisition: "acquisition", message: "the time stamp of the message", arrival: "arrival" };
  const colour = (name) => Object.keys(PARTS).indexOf(name);
  const element = (id) => document.getElementById(id);
  const minus = (text) => text.replace("-", "−");

  function shape(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Points of a line, in pieces that nothing is missing between: across a pause nobody knows what was.
  function pieces(points) {
    const steps = points.slice(1).map(([time], i) => time - points[i][0]).sort((one, other) => one - other);
    const longest = PERIODS * (steps[Math.floor(steps.length / 2)] ?? 0);
    const found = [[]];
    points.forEach((point, i) => {
      if (point[1] === null || (i > 0 && point[0] - points[i - 1][0] > longest)) found.push([]);
      if (point[1] !== null) found.at(-1).push(point);
    });
    return found.filter((piece) => piece.length > 0);
  }

  const path = (piece, x, y) => `M${piece.map(([time, mm]) => `${x(time).toFixed(1)} ${y(mm).toFixed(1)}`).join("L")}`;

  function band(piece, x, y, inside) {
    const known = piece.filter(([, , radius]) => radius !== null);
    const above = known.map(([time, mm, radius]) => `${x(time).toFixed(1)} ${inside(y(mm + radius)).toFixed(1)}`);
    const below = known.map(([time, mm, radius]) => `${x(time).toFixed(1)} ${inside(y(mm - radius)).toFixed(1)}`).reverse();
    return known.length > 1 ? `M${[...above, ...below].join("L")}Z` : "";
  }

  function heights({ real, forecast, margin_mm: margin }) {
    const values = [...real, ...forecast].map(([, mm]) => mm).filter((mm) => mm !== null);
    if (margin !== null) values.push(-margin, margin);
    const [low, high] = [Math.min(...values, -0.5), Math.max(...values, 0.5)];
    return [low - 0.08 * (high - low), high + 0.08 * (high - low)];
  }

  function chart(trace, width, height) {
    const drawing = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${trace.name} along ${trace.axis} over the last 30 s, in mm` });
    const now = trace.real.length > 0 ? trace.real.at(-1)[0] : 0;
    const last = Math.max(now + 0.01, ...trace.forecast.map(([time]) => time));
    const [low, high] = heights(trace);
    const x = (time) => LEFT + ((time - (now - SHOWN_S)) / (last - now + SHOWN_S)) * (width - LEFT - RIGHT);
    const y = (mm) => TOP + ((high - mm) / (high - low)) * (height - TOP - BOTTOM);
    const inside = (at) => Math.min(Math.max(at, TOP), height - BOTTOM); // a band may be wider than all that is shown
    const margin = trace.margin_mm;
    if (margin !== null) drawing.append(shape("rect", { class: "window", x: LEFT, y: y(margin), width: width - LEFT - RIGHT, height: y(-margin) - y(margin) }));
    const step = 10 ** Math.floor(Math.log10(high - low));
    const every = (high - low) / step > 5 ? 2 * step : (high - low) / step > 2 ? step : step / 2;
    for (let mm = Math.ceil(low / every) * every; mm <= high; mm += every) {
      drawing.append(shape("line", { class: "axis", x1: LEFT, x2: width - RIGHT, y1: y(mm), y2: y(mm) }));
      drawing.append(shape("text", { x: LEFT - 6, y: y(mm) + 4, "text-anchor": "end" }, minus(String(+mm.toFixed(3)))));
    }
    for (const ago of [30, 20, 10, 0]) {
      drawing.append(shape("text", { x: x(now - ago), y: height - 5, "text-anchor": ago === 30 ? "start" : "middle" }, ago ? `−${ago} s` : "now"));
    }
    drawing.append(shape("line", { class: "now", x1: x(now), x2: x(now), y1: TOP, y2: height - BOTTOM }));
    for (const piece of pieces(trace.forecast)) {
      drawing.append(shape("path", { class: "band", d: band(piece, x, y, inside) }), shape("path", { class: "forecast", d: path(piece, x, y) }));
    }
    for (const piece of pieces(trace.real)) drawing.append(shape("path", { class: "real", d: path(piece, x, y) }));
    return drawing;
  }

  const axisWords = (axis) => (axis.length === 2 ? axis.toUpperCase() : axis);

  function draw({ traces: given }) {
    element("no-traces").hidden = given.length > 0;
    element("traces-words").hidden = given.length === 0;
    if (given.length > 0) element("key-band").textContent = `band that holds ${Math.round(100 * given[0].level)} %`;
    element("key-window").hidden = given.every(({ margin_mm: margin }) => margin === null);
    const [width, height] = [element("traces").clientWidth, innerWidth < 640 ? 160 : innerWidth < 1800 ? 200 : 320];
    element("traces").replaceChildren(...given.map((trace) => {
      const box = document.createElement("div");
      const gated = trace.margin_mm === null ? "" : `, gating window ±${trace.margin_mm} mm of its plan`;
      box.append(Object.assign(document.createElement("h3"), { textContent: `${trace.name}, ${axisWords(trace.axis)} in mm${gated}` }), chart(trace, Math.max(width, 240), height));
      return box;
    }));
  }

  function bar(target, pieces, whole, marks) {
    target.replaceChildren(...pieces.map(([kind, ms]) => {
      const piece = document.createElement("span");
      piece.className = `part-${kind}`;
      piece.style.width = `${(100 * ms) / whole}%`;
      return piece;
    }), ...marks.map((ms) => Object.assign(document.createElement("i"), { style: `left: ${(100 * ms) / whole}%` })));
  }

  function drawBudget({ budget }) {
    element("budget").hidden = budget === null;
    element("no-budget").hidden = budget !== null;
    if (budget === null) return;
    const { parts, next_ms: next, horizon_ms: horizon, begins } = budget;
    const total = parts.reduce((sum, [, ms]) => sum + ms, 0);
    const late = total > next ? " – late: the next frame was due before it" : "";
    element("budget-words").textContent = `${total.toFixed(1)} ms from ${BEGINS[begins]} to the forecast, of the ${horizon.toFixed(0)} ms that are forecast ahead; the next frame comes after ${next.toFixed(0)} ms (mark)${late}. Below, its parts.`;
    bar(element("budget-whole"), parts.map(([name, ms]) => [colour(name), ms]), Math.max(horizon, total), [next].filter((ms) => ms < Math.max(horizon, total)));
    bar(element("budget-parts"), parts.map(([name, ms]) => [colour(name), ms]), total || 1, []);
    element("budget-whole").setAttribute("aria-label", `${total.toFixed(1)} of ${horizon.toFixed(0)} ms`);
    element("budget-parts").setAttribute("aria-label", "parts of it");
    element("budget-names").replaceChildren(...parts.map(([name, ms]) => {
      const word = document.createElement("span");
      word.append(Object.assign(document.createElement("b"), { className: `part-${colour(name)}` }), `${PARTS[name]} ${ms.toFixed(2)} ms`);
      return word;
    }));
  }

  return { draw, drawBudget };
})();
