"use strict";
// Lines over the pictures: motion arrows, deformed grid, contours, landmarks and the pixel that is followed.
const overlay = (() => {
  const { element, state } = cinecast;
  const MEASURED = "#ffd23f";
  const FORECAST = "#4cc9f0";
  const colourOf = (name) => (name.endsWith("real") ? MEASURED : FORECAST);

  // A drawing area of the size on the screen, and what turns pixels of the image into it.
  function prepare(canvas) {
    const { width, height } = canvas.getBoundingClientRect();
    const density = window.devicePixelRatio || 1;
    [canvas.width, canvas.height] = [Math.round(width * density), Math.round(height * density)];
    const context = canvas.getContext("2d");
    context.scale(density, density);
    const [rows, columns] = state.numbers.shape;
    const at = (x, y) => [((x + 0.5) * width) / columns, ((y + 0.5) * height) / rows];
    return { context, at, width, step: Math.max(2, Math.round((columns * 15) / width)) };
  }

  function strokeTwice(context, path, colour, width) {
    context.lineCap = context.lineJoin = "round";
    for (const [style, extra] of [["rgb(0 0 0 / 65%)", 1.6], [colour, 0]]) {
      context.strokeStyle = style;
      context.lineWidth = width + extra;
      context.stroke(path);
    }
  }

  function eachNode(step, visit) {
    const [rows, columns] = state.numbers.shape;
    const [startRow, startColumn] = [((rows - 1) % step) >> 1, ((columns - 1) % step) >> 1];
    for (let row = startRow; row < rows; row += step) for (let column = startColumn; column < columns; column += step) visit(row, column);
  }

  // From where the tissue lies in the reference frame to where it went, times a factor.
  function drawArrows(area, field, colour, factor) {
    const [, columns] = state.numbers.shape;
    const half = field.length / 2;
    const path = new Path2D();
    eachNode(area.step, (row, column) => {
      const i = row * columns + column;
      const [fromX, fromY] = area.at(column, row);
      const [toX, toY] = area.at(column + factor * field[i], row + factor * field[half + i]);
      const [dx, dy] = [toX - fromX, toY - fromY];
      const length = Math.hypot(dx, dy);
      if (length < 1) return;
      const head = Math.min(4, length / 2) / length;
      path.moveTo(fromX, fromY);
      path.lineTo(toX, toY);
      for (const side of [-0.6, 0.6]) {
        path.moveTo(toX - head * (dx - side * dy), toY - head * (dy + side * dx));
        path.lineTo(toX, toY);
      }
    });
    strokeTwice(area.context, path, colour, 1.3);
  }

  function drawGrid(area, field, colour) {
    const [rows, columns] = state.numbers.shape;
    const half = rows * columns;
    const path = new Path2D();
    const to = (row, column) => {
      const i = row * columns + column;
      return area.at(column + (field ? field[i] : 0), row + (field ? field[half + i] : 0));
    };
    const step = Math.max(4, area.step);
    for (let row = step >> 1; row < rows; row += step) for (let c = 0; c < columns; c++) path[c ? "lineTo" : "moveTo"](...to(row, c));
    for (let column = step >> 1; column < columns; column += step) for (let r = 0; r < rows; r++) path[r ? "lineTo" : "moveTo"](...to(r, column));
    area.context.globalAlpha = 0.75;
    strokeTwice(area.context, path, colour, 0.8);
    area.context.globalAlpha = 1;
  }

  function drawPixel(area, field, colour) {
    const [x, y] = state.pixel;
    const [, columns] = state.numbers.shape;
    const i = y * columns + x;
    const [shiftX, shiftY] = field ? [field[i], field[field.length / 2 + i]] : [0, 0];
    const [screenX, screenY] = area.at(x + shiftX, y + shiftY);
    const path = new Path2D();
    path.arc(screenX, screenY, 5, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      path.moveTo(screenX + 5 * dx, screenY + 5 * dy);
      path.lineTo(screenX + 10 * dx, screenY + 10 * dy);
    }
    strokeTwice(area.context, path, colour, 1.6);
  }

  // Real frames carry the measured motion, predicted ones the forecast, maps of errors both.
  const fieldsOf = (kind) => {
    if (kind === "reference") return [["reference", null]];
    const names = { "second-difference": ["second-real", "second"], "second-error": ["second-real", "second"] }[kind] ??
      (["real", "predicted", "second"].includes(kind) ? [kind] : ["real", "predicted"]);
    return names.map((name) => [name, view.field(name)]).filter(([, field]) => field);
  };

  function drawOver(canvas, kind, kinds = [kind]) {
    const area = prepare(canvas);
    // Lines would hide the differences that they lie on.
    const isFree = !kind.endsWith("difference");
    const [arrows, grid] = [isFree && element("show-arrows").checked, isFree && element("show-grid").checked];
    for (const [name, field] of fieldsOf(kind)) {
      if (grid) drawGrid(area, field, colourOf(name));
      if (arrows && field) drawArrows(area, field, colourOf(name), Number(element("arrow-scale").value));
      if (state.pixel) drawPixel(area, field, name === "reference" ? "#ffffff" : colourOf(name));
    }
    if (isFree && element("show-landmarks")?.checked) landmarks.drawMarks(area, kind);
    if (element("show-contours")?.checked) contours.draw(area, kinds);
  }

  function draw() {
    if (!state.numbers || !view.shown.pictures) return;
    for (const figure of panels.visible()) drawOver(figure.querySelector(".over"), figure.querySelector("select").value);
    if (!element("stage").hidden) drawOver(element("stage").querySelector(".over"), stage.kind(), stage.shownKinds());
  }

  for (const event of ["landmark", "target"]) cinecast.on(event, draw);
  cinecast.on("start", () => {
    for (const id of ["show-arrows", "show-grid", "arrow-scale", "show-landmarks", "show-contours"]) element(id)?.addEventListener("change", draw);
    new ResizeObserver(draw).observe(element("pictures"));
  });
  return { draw, drawArrows, prepare, strokeTwice, FORECAST };
})();
