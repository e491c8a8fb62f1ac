"use strict";
// Landmarks: where each was followed in the real frames, where the measured motion has it, and where forecasts put it.
const landmarks = (() => {
  const { element, state } = cinecast;
  const NOTHING = -32768; // as cinecast.report.landmark_tracks has it
  const TRACKED = "#ff9be0";
  const NEAR_PX = 9;
  let arrays = null;
  let names = [];

  // Displacements in mm from the place in the first reference frame, by landmark, axis (x, y) and test frame; null for no number.
  async function displacements(packed, step) {
    const count = packed.shape[0];
    const steps = unpack.split(await unpack.integers(packed), 2 * count);
    const inMm = (part) => Array.from(part, (value) => (value === NOTHING ? null : value * step));
    return Array.from({ length: count }, (_, n) => [inMm(steps[2 * n]), inMm(steps[2 * n + 1])]);
  }

  async function load() {
    const { step_mm: step, places, tracked, measured, axes } = await cinecast.load("tracks");
    return {
      places, axes,
      tracked: await displacements(tracked, step),
      measured: await Promise.all(measured.map((packed) => packed && displacements(packed, step))),
    };
  }

  // Null where no landmark was followed in the test span.
  const tracks = () => (state.numbers.has_tracks ? (arrays ??= load()) : Promise.resolve(null));

  // Forecasts ---------------------------------------------------------------------------------------------------------

  // The pixels around a place and their shares in what lies there, as cinecast.score.landmark_scores.sample_dvf has them.
  function around([x, y]) {
    const [rows, columns] = state.numbers.shape;
    const clamp = (value, last) => Math.min(Math.max(value, 0), last);
    const [inX, inY] = [clamp(x, columns - 1), clamp(y, rows - 1)];
    const [left, top] = [Math.min(Math.floor(inX), Math.max(columns - 2, 0)), Math.min(Math.floor(inY), Math.max(rows - 2, 0))];
    const [right, down] = [inX - left, inY - top];
    const [nextColumn, nextRow] = [Math.min(left + 1, columns - 1), Math.min(top + 1, rows - 1)];
    return [[top, left, (1 - down) * (1 - right)], [top, nextColumn, (1 - down) * right], [nextRow, left, down * (1 - right)], [nextRow, nextColumn, down * right]]
      .map(([row, column, share]) => [row * columns + column, share]);
  }

  const sample = (field, corners, offset) => corners.reduce((sum, [i, share]) => sum + share * field[offset + i], 0);

  // Where a run forecast a landmark to be in a frame, in pixels; null where there is no forecast, or no place to begin from.
  function forecastPlace(of, run, number, frame) {
    const start = view.shown.tracks.places[of.flowNumber][number];
    const weights = start.includes(null) ? null : motion.weightsAt(of, run, frame);
    if (!weights) return null;
    const corners = around(start);
    const [rows, columns] = state.numbers.shape;
    const mean = motion.meanFor(of, frame);
    return [0, rows * columns].map((offset, axis) =>
      weights.reduce((sum, weight, k) => sum + weight * sample(of.basis.modes[k], corners, offset), start[axis] + sample(mean, corners, offset)));
  }

  // As the tracked displacements: in mm, from the place in the first reference frame.
  function forecastDisplacement(of, run, number, frame) {
    const place = forecastPlace(of, run, number, frame);
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    const [x, y] = view.shown.tracks.places[0][number];
    return place && [(place[0] - x) * alongColumns, (place[1] - y) * alongRows];
  }

  // Marks -------------------------------------------------------------------------------------------------------------

  function trackedPlace(number, frame) {
    const { tracked, places } = view.shown.tracks;
    const [right, down] = tracked[number].map((part) => part[frame - state.numbers.split[1]]);
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    return right === null ? null : [places[0][number][0] + right / alongColumns, places[0][number][1] + down / alongRows];
  }

  function placeIn(kind, number) {
    const { shown } = view;
    const frame = motion.frameOf(state.position);
    if (kind === "reference") return shown.tracks.places[view.flowNumber()][number];
    const found = trackedPlace(number, frame);
    if (!found || kind === "real") return found; // nothing stands for a landmark that was not found in the frame
    const [of, run] = kind === "second" ? [shown.other, view.secondSample()] : [shown.main, state.sample];
    return of && forecastPlace(of, run, number, frame);
  }

  // Maps of errors show where a landmark is and where it was forecast to be.
  const kindsOn = (kind) => ({ error: ["real", "predicted"], "second-error": ["real", "second"] }[kind] ?? [kind]);

  function marksOn(kind) {
    if (!view.shown.tracks || kind.endsWith("difference")) return [];
    return kindsOn(kind).flatMap((each) => names.map((_, number) => ({ number, isForecast: ["predicted", "second"].includes(each), place: placeIn(each, number) })))
      .filter(({ place }) => place && !place.includes(null));
  }

  // A cross that leaves its middle free for what was followed, or a diamond around where it was forecast to be.
  function outline([x, y], isForecast, size) {
    const path = new Path2D();
    if (isForecast) {
      for (const [dx, dy] of [[0, -size], [size, 0], [0, size], [-size, 0]]) path.lineTo(x + dx, y + dy);
      path.closePath();
      return path;
    }
    for (const [dx, dy] of [[1, 1], [1, -1], [-1, 1], [-1, -1]]) {
      path.moveTo(x + dx * size * 0.35, y + dy * size * 0.35);
      path.lineTo(x + dx * size, y + dy * size);
    }
    return path;
  }

  const short = (name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);

  // Where a name may stand beside its mark, from the nearest place to the farthest: beyond it to either side, above and below.
  const SIDES = [1, 1.9, 2.8].flatMap((far) => [[1, -0.6], [1, 0.8], [-1, -0.6], [-1, 0.8], [0, -1.6], [0, 1.6]].map(([dx, dy]) => [dx * far, dy * far]));

  // The first place for a name on which no other name and no mark lies; the very first where there is none.
  function freeBox([x, y], [width, height], taken, right) {
    const boxes = SIDES.map(([dx, dy]) => {
      const left = x + 8 * dx - (dx > 0 ? 0 : dx < 0 ? width : width / 2);
      const top = y + height * dy - height / 2;
      return { left, top, right: left + width, bottom: top + height };
    });
    const isFree = (box) => box.left >= 0 && box.top >= 0 && box.right <= right
      && taken.every((other) => box.right < other.left || other.right < box.left || box.bottom < other.top || other.bottom < box.top);
    return boxes.find(isFree) ?? boxes[0];
  }

  function drawName({ context, width }, at, text, isChosen, taken) {
    context.font = `${isChosen ? "700 12px" : "500 10px"} ${getComputedStyle(document.body).fontFamily}`;
    const box = freeBox(at, [context.measureText(text).width, isChosen ? 11 : 9], taken, width);
    taken.push(box);
    context.lineJoin = "round";
    [context.strokeStyle, context.lineWidth, context.fillStyle] = ["rgb(0 0 0 / 75%)", 2.6, TRACKED];
    context.strokeText(text, box.left, box.bottom);
    context.fillText(text, box.left, box.bottom);
  }

  const sizeOf = (number) => (number === state.landmark ? 6.5 : 4.5);

  function drawMarks(area, kind) {
    const marks = marksOn(kind).map((mark) => ({ ...mark, at: area.at(...mark.place), isChosen: mark.number === state.landmark }));
    for (const { at, number, isForecast, isChosen } of marks) {
      overlay.strokeTwice(area.context, outline(at, isForecast, sizeOf(number)), isForecast ? overlay.FORECAST : TRACKED, isChosen ? 2.2 : 1.3);
    }
    const taken = marks.map(({ at: [x, y], number }) => ({ left: x - sizeOf(number), right: x + sizeOf(number), top: y - sizeOf(number), bottom: y + sizeOf(number) }));
    const named = marks.filter(({ isForecast }) => !isForecast).sort((a, b) => b.isChosen - a.isChosen);
    for (const { at, number, isChosen } of named) drawName(area, at, short(names[number]), isChosen, taken);
  }

  // Choice ------------------------------------------------------------------------------------------------------------

  function choose(number) {
    state.landmark = number;
    element("landmark").value = number;
    cinecast.tell("landmark");
  }

  // Chooses the landmark whose mark lies at a point of a picture on the screen; says whether there is one.
  function chooseNear(x, y, kind, width, height) {
    const [rows, columns] = state.numbers.shape;
    const distance = ({ place }) => Math.hypot(((place[0] + 0.5) * width) / columns - x, ((place[1] + 0.5) * height) / rows - y);
    const nearest = marksOn(kind).sort((a, b) => distance(a) - distance(b))[0];
    if (!nearest || distance(nearest) > NEAR_PX) return false;
    choose(nearest.number);
    return true;
  }

  cinecast.on("start", () => {
    const list = element("landmark");
    if (!list) return;
    names = [...list.options].map(({ text }) => text);
    state.landmark = Number(list.value);
    list.addEventListener("change", () => choose(Number(list.value)));
  });

  return { tracks, trackedPlace, forecastDisplacement, drawMarks, marksOn, chooseNear, nameOf: (number) => names[number] };
})();
