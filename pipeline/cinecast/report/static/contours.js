"use strict";
// Contours of targets over the pictures: where the reference mask, the real target and forecasts of it end.
const contours = (() => {
  const { element, state } = cinecast;
  // Told apart by their strokes as well as by their colours; report.css draws the same as keys.
  const STYLES = {
    plan: { colour: "#ffffff", dash: [1.5, 4.5] },
    real: { colour: "#ffd23f", dash: [] },
    forecast: { colour: "#4cc9f0", dash: [8, 5] },
    second: { colour: "#a7f070", dash: [9, 4, 1.5, 4] },
  };
  // Which sides of a square of four pixel centres the line joins, by which of them are inside: top left 1, top right 2,
  // bottom right 4, bottom left 8. It walks with the inside to its right; pixels that touch at a corner stay apart.
  const SIDES = [
    [], ["TL"], ["RT"], ["RL"], ["BR"], ["TL", "BR"], ["BT"], ["BL"], ["LB"], ["TB"], ["RT", "LB"], ["RB"], ["LR"], ["TR"], ["LT"], [],
  ];
  // Middle of a side, in half pixels from the square's top left centre, (x, y).
  const MIDDLES = { T: [1, 0], R: [2, 1], B: [1, 2], L: [0, 1] };

  // The closed lines around a mask, half way between the centres of pixels inside and outside, as lists of (x, y).
  function trace(mask, rows, columns) {
    const inside = (row, column) => (row >= 0 && column >= 0 && row < rows && column < columns && mask[row * columns + column] ? 1 : 0);
    const width = 2 * columns + 4;
    const next = new Map();
    const keyOf = (row, column, side) => (2 * row + 2 + MIDDLES[side][1]) * width + 2 * column + 2 + MIDDLES[side][0];
    for (let row = -1; row < rows; row++) {
      for (let column = -1; column < columns; column++) {
        const number = inside(row, column) + 2 * inside(row, column + 1) + 4 * inside(row + 1, column + 1) + 8 * inside(row + 1, column);
        for (const [from, to] of SIDES[number]) next.set(keyOf(row, column, from), keyOf(row, column, to));
      }
    }
    const lines = [];
    while (next.size) {
      let [key] = next.keys();
      const line = [];
      while (next.has(key)) {
        line.push([(key % width) / 2 - 1, Math.floor(key / width) / 2 - 1]);
        const following = next.get(key);
        next.delete(key);
        key = following;
      }
      lines.push(line);
    }
    return lines;
  }

  const traced = new WeakMap();
  function linesOf(mask, [row, column, rows, columns]) {
    if (!traced.has(mask)) traced.set(mask, trace(mask, rows, columns).map((line) => line.map(([x, y]) => [x + column, y + row])));
    return traced.get(mask);
  }

  const OWN = { reference: "plan", real: "real", predicted: "forecast", second: "second" };

  // Which contours a picture carries. A single one carries real and forecast: how far apart the two are is the point.
  function stylesOn(kinds) {
    if (kinds.length > 1) return kinds.map((kind) => OWN[kind]);
    const [kind] = kinds;
    if (kind.endsWith("difference")) return [];
    if (kind === "reference") return ["plan"];
    return kind.startsWith("second") ? ["real", "second"] : ["real", "forecast"];
  }

  // The mask of a target that a style stands for; null where there is none in this frame.
  function maskOf(style, number, ofSecond) {
    const each = targets.shown().targets[number];
    const flow = ofSecond ? view.shown.other?.flowNumber : view.flowNumber();
    if (style === "plan") return each.inReference[view.flowNumber()];
    if (style === "real") return targets.realOf(each, flow)?.masks[0][state.position] ?? null;
    return targets.forecastOf(number, style === "second")?.masks[state.position] ?? null;
  }

  // What is drawn on a picture, or on two in one place: target, style and lines.
  function contoursOn(kinds) {
    if (!targets.shown()) return [];
    const ofSecond = kinds.every((kind) => kind.startsWith("second"));
    const styles = new Set(stylesOn(kinds));
    return [...styles].flatMap((style) => targets.shown().targets.map((each, number) => {
      const mask = maskOf(style, number, ofSecond);
      return mask && { number, style, lines: linesOf(mask, each.box) };
    })).filter(Boolean);
  }

  function draw(area, kinds) {
    for (const { number, style, lines } of contoursOn(kinds)) {
      const path = new Path2D();
      for (const line of lines) {
        line.forEach((place, i) => path[i ? "lineTo" : "moveTo"](...area.at(...place)));
        path.closePath();
      }
      area.context.setLineDash(STYLES[style].dash);
      overlay.strokeTwice(area.context, path, STYLES[style].colour, number === state.target ? 1.8 : 1.1);
      area.context.setLineDash([]);
    }
  }

  const showKey = () => { if (element("second-key")) element("second-key").hidden = !state.second; };
  cinecast.on("choice", showKey);

  return { draw, contoursOn, trace };
})();
