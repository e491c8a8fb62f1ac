"use strict";
// The motion of one pixel of tissue in mm over time, measured and forecast.
(() => {
  const { element, state } = cinecast;
  const { css, times, frames } = charts;
  const clamp = (value, count) => Math.min(Math.max(Math.round(value), 0), count - 1);

  function follow(x, y) {
    const [rows, columns] = state.numbers.shape;
    state.pixel = [clamp(x, columns), clamp(y, rows)];
    [element("pixel-column").value, element("pixel-row").value] = state.pixel;
    cinecast.tell("pixel");
  }

  // Which tissue is seen at a place of a picture that shows moved tissue: p with p + u(p) = place.
  function tissueAt(x, y, field) {
    const [rows, columns] = state.numbers.shape;
    let [px, py] = [x, y];
    for (let i = 0; field && i < 20; i++) {
      const place = clamp(py, rows) * columns + clamp(px, columns);
      [px, py] = [x - field[place], y - field[rows * columns + place]];
    }
    return [px, py];
  }

  function onClick(event, kind) {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const [rows, columns] = state.numbers.shape;
    if (element("show-landmarks")?.checked && landmarks.chooseNear(event.clientX - left, event.clientY - top, kind, width, height)) return;
    const [x, y] = [((event.clientX - left) / width) * columns - 0.5, ((event.clientY - top) / height) * rows - 0.5];
    follow(...tissueAt(x, y, view.field(kind)));
  }

  // Motion in mm of the pixel over the shown frames, along columns (axis 1) or rows (axis 0); null where it was not measured.
  function measuredMotion(measured, axisNumber) {
    if (!measured) return null;
    const [rows, columns] = state.numbers.shape;
    const [x, y] = state.pixel;
    const place = (axisNumber === 0 ? rows * columns : 0) + y * columns + x;
    const scale = measured.scale[1 - axisNumber] * state.numbers.spacing_mm[axisNumber];
    return measured.fields.map((field, i) => (measured.known[i] ? field[place] * scale : null));
  }

  function forecastMotion(of, sample, axisNumber) {
    const [rows, columns] = state.numbers.shape;
    const [x, y] = state.pixel;
    const place = (axisNumber === 0 ? rows * columns : 0) + y * columns + x;
    return frames().map((frame) => {
      const weights = motion.weightsAt(of, sample, frame);
      if (!weights) return null;
      const pixels = weights.reduce((sum, weight, k) => sum + weight * of.basis.modes[k][place], motion.meanFor(of, frame)[place]);
      return pixels * state.numbers.spacing_mm[axisNumber];
    });
  }

  function linesAlong(axisNumber) {
    const x = frames().map((frame) => times()[frame]);
    const { main, other, measured, otherMeasured } = view.shown;
    const line = (y, name, look) => y && { name, x, y, say: charts.toDigits(2, "mm"), ...look };
    const ofForecast = (of, sample) => {
      if (!of) return null;
      const { colour, dash } = charts.styleOf(of.entry.method);
      return line(forecastMotion(of, sample, axisNumber), charts.nameOf(of.entry), { colour, dash, width: 1.8 });
    };
    return [
      line(measuredMotion(measured, axisNumber), "measured", { colour: css("--text"), width: 1.4 }),
      view.measuredApart() && line(measuredMotion(otherMeasured, axisNumber), "measured, second method's run", { colour: css("--text"), width: 1.4, dash: "dot" }),
      ofForecast(main, state.sample), ofForecast(other, view.secondSample()),
    ].filter(Boolean);
  }

  // Root mean square of the distance between forecast and measured motion of this pixel, where both are known.
  function rmsError() {
    const { main, measured } = view.shown;
    if (!main || !measured) return null;
    const parts = [0, 1].map((number) => [measuredMotion(measured, number), forecastMotion(main, state.sample, number)]);
    const shown = frames().map((_, i) => i).filter((i) => measured.known[i])
      .filter((i) => cinecast.issuedAt(main.entry, frames()[i]) >= 0 || parts[0][1][i] !== null);
    const squares = shown.map((i) => parts.reduce((sum, [a, b]) => sum + (b[i] === null ? NaN : (a[i] - b[i]) ** 2), 0));
    return Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / squares.length);
  }

  function draw() {
    if (!state.pixel || !view.shown.pictures) return;
    const [x, y] = state.pixel;
    const error = rmsError();
    element("pixel-words").textContent = `This is the tissue at row ${y}, column ${x} of the reference frame` +
      (error === null || Number.isNaN(error) ? "." : `. The error of the forecast is ${error.toFixed(2)} mm (root mean square over the frames shown).`);
    const panels = [["down the image", 0], ["to the right", 1]].map(([title, number]) => ({ title, x: charts.overTime(), y: { label: "mm" }, lines: linesAlong(number) }));
    charts.draw("pixel-chart", { panels, height: 120, isStacked: true });
    const chart = element("pixel-chart");
    Object.assign(chart.dataset, { pixel: `${y},${x}`, entry: view.shown.main?.entry.id ?? "", error: error ?? "" });
  }

  cinecast.on("start", () => {
    const [rows, columns] = state.numbers.shape;
    [element("pixel-row").max, element("pixel-column").max] = [rows - 1, columns - 1];
    for (const id of ["pixel-row", "pixel-column"]) {
      element(id).addEventListener("change", () => follow(Number(element("pixel-column").value), Number(element("pixel-row").value)));
    }
    for (const figure of document.querySelectorAll("#pictures .panel")) {
      figure.querySelector(".over").addEventListener("click", (event) => onClick(event, figure.querySelector("select").value));
    }
    element("stage").querySelector(".over").addEventListener("click", (event) => { if (!stage.isSwiping()) onClick(event, stage.kind()); });
    const { roi } = state.numbers;
    const middle = roi ? (roi.rows[0] + roi.rows[1]) / 2 : rows / 2;
    follow(state.numbers.line, middle);
  });
  const redraw = () => cinecast.later("pixel", draw);
  // Before all has arrived it would be drawn again with the measured motion.
  view.whenOther(() => (view.isWhole() ? [view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join() : null), redraw);
  for (const event of ["pixel", "theme"]) cinecast.on(event, redraw);
})();
