"use strict";
// One panel of a chart: lines, bands and bars over one axis, drawn by uPlot.
//
// A panel is { x, y, lines, bands, areas, rules, title }.
//   x      { label, range, ticks, say }       ticks are [value, text]; say puts a value into words
//   y      { label, range, ticks, zero }      zero: the axis begins there
//   lines  { name, group, unlisted, x, y, say, colour, dash, width, mark, size, bare, faint, steps, half, bar, text }
//          group: switched together; null in y breaks the line; bare: marks without a line; half: half ranges of error bars;
//          bar: width of bars, in x, instead of a line; text puts the value of a bar into words
//   bands  { name, group, x, low, high, fill } from low to high
//   areas  { x: [from, to] or y: [from, to], fill, text }   behind everything
//   rules  { x or y, colour, dash, width }                  lines through the whole panel
const plotPanel = (() => {
  const [LEAST_LEFT, LABEL, BOTTOM, FONT_PX, TICK_PX, GAP_PX] = [44, 20, 30, 13, 5, 4];
  const font = () => `${FONT_PX}px ${plots.css("--font")}`;
  const isValue = (value) => value !== null && value !== undefined;
  const place = (u, scale, value) => u.valToPos(value, scale, true);

  const pen = document.createElement("canvas").getContext("2d");
  function widthOf(text) {
    pen.font = font();
    return Math.max(...text.split("\n").map((each) => pen.measureText(each).width));
  }

  // What uPlot draws: the two edges of each band come before the lines, so that lines lie on top.
  function drawnOf({ lines, bands = [] }) {
    const edges = bands.flatMap((band) => [{ ...band, y: band.low, name: "", group: band.group ?? band.name, isEdge: true }, { ...band, y: band.high, isEdge: true }]);
    return [...edges, ...lines];
  }

  // All values over one x: null breaks a line as far as its own values beside it, undefined is no value of it.
  function aligned(drawn) {
    if (!drawn.length) return [[]];
    const [{ x }] = drawn;
    const isSame = (other) => other === x || (other.length === x.length && other.every((value, i) => value === x[i]));
    if (drawn.every((line) => isSame(line.x))) return [x, ...drawn.map(({ y }) => y)];
    return uPlot.join(drawn.map((line) => [line.x, line.y]), drawn.map(() => [0, 2]));
  }

  // Values with none beside them: no line goes there, so they get a dot.
  function alone(values) {
    const found = [];
    let [before, last, at] = [null, null, 0]; // the value before the last one, the last one and its place
    const look = (value, i) => {
      if (isValue(last) && !isValue(before) && !isValue(value)) found.push(at);
      [before, last, at] = [last, value, i];
    };
    for (let i = 0; i < values.length; i++) if (values[i] !== undefined) look(values[i], i);
    look(null, values.length);
    return found;
  }

  // Bars from 0 on, as wide as is said, wherever values are missing.
  const barsOf = (wide) => (u, number) => {
    const path = new Path2D();
    const foot = place(u, "y", 0);
    u.data[number].forEach((value, i) => {
      if (!isValue(value)) return;
      const [left, right] = [-0.5, 0.5].map((share) => place(u, "x", u.data[0][i] + share * wide));
      path.rect(left, foot, right - left, place(u, "y", value) - foot);
    });
    return { stroke: null, fill: path, clip: null, flags: 1 };
  };

  function seriesOf(line, values) {
    const { colour, mark, size = 8, width = 1.5, bar } = line;
    const common = { label: line.name, spanGaps: false, dash: marks.dashes(line.dash) };
    if (line.isEdge) return { ...common, width: 0, points: { show: false } };
    if (bar) return { ...common, width: 0, fill: colour, points: { show: false }, paths: barsOf(bar) };
    const dots = mark ? null : alone(values);
    const shape = marks.shapeOf(mark ?? "circle");
    const radius = (mark ? size : Math.max(width + 2, 4)) / 2;
    const points = {
      show: Boolean(mark), filter: () => dots, width: mark ? (size < 8 ? 0.5 : 1.5) : 0, stroke: colour, fill: mark && marks.isOpen(mark) ? "transparent" : colour,
      paths: (u, number, from, to, own) => {
        const path = new Path2D();
        const chosen = own ?? Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((i) => isValue(u.data[number][i]));
        for (const i of chosen) shape(path, place(u, "x", u.data[0][i]), place(u, "y", u.data[number][i]), radius * devicePixelRatio);
        return { stroke: path, fill: path, clip: null, flags: 3 };
      },
    };
    const paths = line.bare ? () => null : line.steps ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear();
    return { ...common, stroke: colour, width, points, paths, alpha: line.faint ?? 1 };
  }

  function xRange({ range }) {
    return (u, low, high) => {
      const all = u.data[0];
      const isWhole = low === all[0] && high === all.at(-1);
      if (range && (isWhole || low === null)) return range;
      return low === high || all.length === 1 ? [all[0] - 0.5, all[0] + 0.5] : [low, high];
    };
  }

  // The values in sight, with their error bars and some room.
  function yRange({ y: { range, zero }, areas = [], rules = [] }, drawn) {
    return (u, low, high) => {
      if (range) return range;
      const ends = [low, high, ...rules.map(({ y }) => y), ...areas.flatMap(({ y }) => y ?? [])].filter(isValue);
      drawn.forEach(({ half, y }, i) => {
        if (half && u.series[i + 1].show) half.forEach((each, k) => { if (isValue(y[k])) ends.push(y[k] - each, y[k] + each); });
      });
      if (!ends.length) return [0, 1];
      const [least, most] = [Math.min(...ends, ...(zero ? [0] : [])), Math.max(...ends)];
      const room = 0.05 * (most - least || Math.abs(most) || 1);
      return [zero && least === 0 ? 0 : least - room, most + room];
    };
  }

  // Numbers of an axis, with as many digits as tell them apart: as powers of ten where they are long otherwise.
  const LONG = 6;
  function numbers(u, values) {
    const exact = values.map((value) => +value.toPrecision(12));
    const length = (texts) => Math.max(...texts.map((text) => text.length));
    const plain = exact.map(String);
    const powers = exact.map((value) => (value ? value.toExponential().replace("e+", "e") : "0"));
    return length(plain) > LONG && length(powers) < length(plain) ? powers : plain;
  }

  // Texts at chosen places, without those that would overlap the one before.
  const APART_PX = 6;
  function apart(u, ticks) {
    let free = -Infinity;
    return ticks.map(([value, text]) => {
      const [middle, half] = [u.valToPos(value, "x"), widthOf(text) / 2];
      if (middle - half < free) return "";
      free = middle + half + APART_PX;
      return text;
    });
  }

  // The width of the axis of y: that of the longest number. room: what panels share, so that they lie below each other.
  function leftOf(room) {
    return (u, texts) => {
      const longest = Math.max(0, ...(texts ?? []).map(widthOf));
      room.left = Math.max(room.left ?? LEAST_LEFT, Math.ceil(longest) + TICK_PX + GAP_PX + 2);
      return room.left;
    };
  }

  function axisOf({ label, ticks }, more) {
    const [text, line] = [plots.css("--text"), { stroke: plots.css("--line"), width: 1 }];
    return {
      stroke: text, font: font(), labelFont: font(), label: label || undefined, labelSize: LABEL, labelGap: 0, gap: GAP_PX, lineGap: 1.2, values: numbers,
      grid: { stroke: plots.css("--grid"), width: 1 }, ticks: { ...line, size: TICK_PX }, border: { ...line, show: true },
      ...(ticks && { splits: () => ticks.map(([value]) => value), filter: (u, all) => all }),
      ...more,
    };
  }

  const [LEAST_SPACE, DECIMALS_PX] = [50, 36]; // between two numbers: of decimals and what is left free
  const spaceOf = (u, axis, low, high) => Math.max(LEAST_SPACE, widthOf(String(Math.round(high))) + DECIMALS_PX);

  function xTexts({ ticks }, isLast) {
    const space = spaceOf;
    if (!isLast) return { space, values: (u, all) => all.map(() => ""), ticks: { show: false } };
    return ticks ? { values: (u) => apart(u, ticks) } : { space };
  }

  // What no line is: areas behind, error bars, rules and texts before ------------------------------------------------

  function inside(u, draw) {
    const { left, top, width, height } = u.bbox;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(left, top, width, height);
    u.ctx.clip();
    draw(u.ctx, { left, top, width, height });
    u.ctx.restore();
  }

  const drawAreas = (areas) => (u) => inside(u, (pen, { left, top, width, height }) => {
    for (const { x, y, fill } of areas) {
      pen.fillStyle = fill;
      if (x) pen.fillRect(place(u, "x", x[0]), top, place(u, "x", x[1]) - place(u, "x", x[0]), height);
      else pen.fillRect(left, place(u, "y", y[1]), width, place(u, "y", y[0]) - place(u, "y", y[1]));
    }
  });

  function drawNames(areas) {
    return (u) => {
      const { left, top, width } = u.bbox;
      u.ctx.save();
      Object.assign(u.ctx, { fillStyle: plots.css("--muted"), font: `${FONT_PX * devicePixelRatio}px ${plots.css("--font")}`, textAlign: "center", textBaseline: "bottom" });
      for (const { x, text } of areas) {
        const [from, to] = x.map((value) => Math.min(Math.max(place(u, "x", value), left), left + width));
        if (text && to - from > u.ctx.measureText(text).width) u.ctx.fillText(text, (from + to) / 2, top - 4 * devicePixelRatio);
      }
      u.ctx.restore();
    };
  }

  const drawRules = (rules) => (u) => inside(u, (pen, { left, top, width, height }) => {
    for (const { x, y, colour, dash, width: thick = 1.2 } of rules) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: thick * devicePixelRatio });
      pen.setLineDash(marks.dashes(dash));
      pen.stroke(new Path2D(isValue(x) ? `M${place(u, "x", x)} ${top}v${height}` : `M${left} ${place(u, "y", y)}h${width}`));
    }
  });

  const CAP_PX = 5;
  const drawErrorBars = (drawn) => (u, number) => {
    const { half, x, y, colour } = drawn[number - 1];
    if (!half?.some((each) => each > 0)) return;
    inside(u, (pen) => {
      const path = new Path2D();
      const cap = CAP_PX * devicePixelRatio;
      half.forEach((each, i) => {
        if (!each || !isValue(y[i])) return;
        const [at, low, high] = [place(u, "x", x[i]), place(u, "y", y[i] - each), place(u, "y", y[i] + each)];
        for (const end of [low, high]) { path.moveTo(at - cap, end); path.lineTo(at + cap, end); }
        path.moveTo(at, low);
        path.lineTo(at, high);
      });
      Object.assign(pen, { strokeStyle: colour, lineWidth: 1.5 * devicePixelRatio });
      pen.setLineDash([]);
      pen.stroke(path);
    });
  };

  // The value of a bar at its foot, upwards where the bar is narrow and above it where it is low.
  const TEXT_PX = 12;
  const drawTexts = (drawn) => (u) => inside(u, (pen) => {
    const [px, room] = [TEXT_PX * devicePixelRatio, 4 * devicePixelRatio];
    pen.font = `${px}px ${plots.css("--font")}`;
    drawn.forEach(({ text, x, y, bar, colour }, i) => {
      if (!text || !u.series[i + 1].show) return;
      const wide = place(u, "x", bar) - place(u, "x", 0);
      y.forEach((value, k) => {
        if (!isValue(value)) return;
        const length = pen.measureText(text(value)).width;
        const isNarrow = length > wide;
        const [foot, top] = [place(u, "y", 0), place(u, "y", value)];
        const isLow = foot - top < (isNarrow ? length : px) + 2 * room;
        Object.assign(pen, { fillStyle: isLow ? plots.css("--text") : readableOn(colour), textAlign: isNarrow ? "left" : "center", textBaseline: isNarrow ? "middle" : "bottom" });
        pen.save();
        pen.translate(place(u, "x", x[k]), (isLow ? top : foot) - room);
        if (isNarrow) pen.rotate(-Math.PI / 2);
        pen.fillText(text(value), 0, 0);
        pen.restore();
      });
    });
  });

  function readableOn(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#000000" : "#ffffff";
  }

  // isLast: the axis of x is written below this panel. link: panels that share x and its zoom. room: what they share beside them.
  function draw(panel, element, { width, height, isLast, link, room, onCursor, onZoom, onDraw }) {
    const drawn = drawnOf(panel);
    const data = aligned(drawn);
    const { areas = [], rules = [] } = panel;
    const names = areas.some(({ text }) => text);
    const bottom = isLast ? BOTTOM + (panel.x.ticks?.some(([, text]) => text.includes("\n")) ? 16 : 0) : 8;
    const options = {
      width: Math.max(width, 80), height: height + bottom + (isLast && panel.x.label ? LABEL : 0) + (names ? 20 : 0),
      legend: { show: false }, padding: [names ? 28 : 8, 16, 0, panel.y.label ? 0 : LABEL],
      scales: { x: { time: false, range: xRange(panel.x) }, y: { range: yRange(panel, drawn) } },
      axes: [
        axisOf(isLast ? panel.x : { ...panel.x, label: "" }, { size: bottom, ...xTexts(panel.x, isLast) }),
        axisOf(panel.y, { size: leftOf(room), space: 26 }),
      ],
      series: [{}, ...drawn.map((line, i) => seriesOf(line, data[i + 1]))],
      bands: (panel.bands ?? []).map(({ fill }, i) => ({ series: [2 * i + 2, 2 * i + 1], fill })),
      cursor: { // at the edges of a panel, uPlot takes a click for a drag: plots.js tells them apart
        y: false, points: { show: false }, drag: { x: true, y: false, dist: 6, click: () => {} }, dataIdx: (u, number, index) => index,
        ...(link && { sync: { key: link, filters: { pub: (type) => type === "mousemove" } } }),
      },
      hooks: {
        drawClear: [drawAreas(areas)], drawSeries: [drawErrorBars(drawn)], draw: [drawTexts(drawn), drawRules(rules), ...(names ? [drawNames(areas)] : []), onDraw],
        setCursor: [onCursor], setScale: [(u, key) => { if (key === "x") onZoom(u); }],
      },
    };
    return Object.assign(new uPlot(options, data, element), { drawn });
  }

  return { draw };
})();
