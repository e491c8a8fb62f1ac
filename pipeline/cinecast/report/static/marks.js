"use strict";
// Marks and dashes of lines: those that palette.py names, and those of references. Also the sample of a line in the key of a chart.
const marks = (() => {
  const DASH_PX = 3;
  const DASHES = { solid: [], dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1], longdashdot: [5, 2, 1, 2] };

  // Lengths of dashes and gaps in pixels of a canvas.
  function dashes(name = "solid") {
    const px = DASHES[name]?.map((times) => times * DASH_PX) ?? name.split(",").map(parseFloat);
    return px.map((length) => length * devicePixelRatio);
  }

  const polygon = (...corners) => (path, x, y, r) => {
    corners.forEach(([dx, dy], i) => path[i ? "lineTo" : "moveTo"](x + r * dx, y + r * dy));
    path.closePath();
  };
  const turned = (corners, turn) => corners.map(([x, y]) => [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)]);
  const PLUS = [[-1, -0.28], [-0.28, -0.28], [-0.28, -1], [0.28, -1], [0.28, -0.28], [1, -0.28], [1, 0.28], [0.28, 0.28], [0.28, 1], [-0.28, 1], [-0.28, 0.28], [-1, 0.28]];
  const STAR = Array.from({ length: 10 }, (_, i) => {
    const [angle, r] = [(i * Math.PI) / 5 - Math.PI / 2, i % 2 ? 0.55 : 1.3];
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
  const SHAPES = {
    circle: (path, x, y, r) => { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); },
    square: polygon([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]),
    diamond: polygon([0, -1.25], [1.1, 0], [0, 1.25], [-1.1, 0]),
    "triangle-up": polygon([0, -1.2], [1.1, 0.8], [-1.1, 0.8]),
    cross: polygon(...PLUS),
    x: polygon(...turned(PLUS, Math.PI / 4)),
    star: polygon(...STAR),
    line: (path, x, y, r) => { path.moveTo(x - 1.4 * r, y); path.lineTo(x + 1.4 * r, y); },
  };

  // A mark whose name ends in "-open" is not filled.
  const isOpen = (mark) => mark.endsWith("-open") || mark === "line";
  const shapeOf = (mark) => SHAPES[mark.replace(/-open$/, "")];

  // How a line looks, on a canvas of its own.
  const [WIDTH, HEIGHT] = [44, 14]; // a long dash, its gap and the next one
  function sample({ colour, fill, dash, width = 2, mark, bar, bare }) {
    const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH * devicePixelRatio, height: HEIGHT * devicePixelRatio });
    canvas.style.cssText = `width: ${WIDTH}px; height: ${HEIGHT}px`;
    const pen = canvas.getContext("2d");
    const [middle, centre] = [canvas.height / 2, canvas.width / 2];
    if (fill || bar) {
      pen.fillStyle = fill ?? colour;
      pen.fillRect(canvas.width * (bar ? 0.3 : 0.05), 0, canvas.width * (bar ? 0.4 : 0.9), canvas.height);
      return canvas;
    }
    Object.assign(pen, { strokeStyle: colour, fillStyle: colour, lineWidth: Math.min(width, 2.5) * devicePixelRatio });
    if (!bare) {
      pen.setLineDash(dashes(dash));
      pen.stroke(new Path2D(`M0 ${middle}H${canvas.width}`));
    }
    if (mark) {
      const path = new Path2D();
      shapeOf(mark)(path, centre, middle, 4 * devicePixelRatio);
      pen.setLineDash([]);
      if (!isOpen(mark)) pen.fill(path);
      pen.stroke(path);
    }
    return canvas;
  }

  return { dashes, shapeOf, isOpen, sample };
})();
