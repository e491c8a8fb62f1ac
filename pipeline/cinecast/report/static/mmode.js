"use strict";
// One line of pixels over time: real, predicted, and what lies between them.
(() => {
  const { element, state } = cinecast;
  const STRIPS = ["real", "predicted", "error"];
  let built = null;

  // Pixels of the line: where it starts, how far it is from one to the next, how many, and the area it covers.
  function geometry() {
    const [rows, columns] = state.numbers.shape;
    const { along, at } = state.line;
    return along === "column"
      ? { start: at, step: columns, count: rows, spacing: state.numbers.spacing_mm[0], area: { left: at, right: at + 1, top: 0, bottom: rows } }
      : { start: at * columns, step: 1, count: columns, spacing: state.numbers.spacing_mm[1], area: { left: 0, right: columns, top: at, bottom: at + 1 } };
  }

  // What the strips show, but for colours; the measured motion only where they are a map of its errors.
  function contentNow() {
    const { main, measured } = view.shown;
    const isError = element("mmode-map").value === "error";
    return { line: geometry(), isError, main, measured: isError ? measured : null, sample: state.sample };
  }

  async function build({ line, isError, main, measured, sample }) {
    const { real } = view.shown.pictures;
    const { predicted, errors } = main ? await motion.strips(main, measured, sample, line) : { predicted: [], errors: [] };
    return { line, isError, real: real.map((picture) => motion.pick(picture, line)), predicted, error: errors };
  }

  function colourAt(strip, position, i) {
    const [real, predicted] = [built.real[position], built.predicted[position]];
    if (strip === "real") return colours.greyScale[panels.levelOf(real[i])];
    if (strip === "predicted") return predicted ? colours.greyScale[panels.levelOf(predicted[i])] : colours.unknown;
    if (built.isError) return built.error[position] ? colours.ofError(built.error[position][i] / state.errorLimit) : colours.unknown;
    const [low, high] = state.window;
    const limit = ((high - low) * state.differencePercent) / 100 / state.numbers.grey.step;
    return predicted ? colours.ofDifference((predicted[i] - real[i]) / limit) : colours.unknown;
  }

  function paint() {
    if (!built) return;
    const width = built.real.length;
    for (const strip of STRIPS) {
      const canvas = element(`mmode-${strip}`);
      [canvas.width, canvas.height] = [width, built.line.count];
      colours.paint(canvas, (pixel) => colourAt(strip, pixel % width, Math.floor(pixel / width)));
    }
    element("mmode").dataset.line = `${state.line.along} ${state.line.at}`;
    element("mmode").dataset.entry = view.shown.main?.entry.id ?? "";
    label();
  }

  function label() {
    const { along, at } = state.line;
    const { times_s, player_frames } = state.numbers;
    const isColumn = along === "column";
    const [low, high] = state.window;
    const reach = panels.grey(((high - low) * state.differencePercent) / 100);
    element("line-words").textContent = `${along} ${at}`;
    for (const strip of STRIPS) {
      const ticks = element(`mmode-${strip}`).closest(".strip").querySelector(".along");
      const length = built.line.count * built.line.spacing;
      ticks.replaceChildren(...[0, 0.5, 1].map((share) => Object.assign(document.createElement("span"), { textContent: `${Math.round(share * length)}` })));
      ticks.title = `mm ${isColumn ? "down" : "to the right in"} the image`;
    }
    // Columns are frames: where some are missing, time does not run evenly along them.
    const timeAt = (share) => {
      const place = share * (player_frames.length - 1);
      const [before, after] = [Math.floor(place), Math.ceil(place)].map((position) => times_s[player_frames[position]]);
      return before + (place % 1) * (after - before);
    };
    element("mmode-times").replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((share) =>
      Object.assign(document.createElement("span"), { textContent: `${timeAt(share).toFixed(1)} s` })));
    const known = built.isError ? built.error : built.predicted;
    const unknown = known.length === player_frames.length && known.every(Boolean) ? "" : "; green: not known";
    element("mmode-error-words").textContent = (built.isError
      ? `Geometric error in mm: black 0 mm, lightest ${state.errorLimit} mm or more`
      : `Predicted − real in grey levels: orange brighter, blue darker, to ± ${reach} grey levels`) + unknown;
  }

  // Where the line lies in the image ---------------------------------------------------------------------------------

  function drawLocator() {
    if (!view.shown.pictures) return;
    const levels = view.levels("reference");
    colours.paint(element("locator").querySelector(".base"), (i) => colours.greyScale[panels.levelOf(levels[i])]);
    const canvas = element("locator").querySelector(".over");
    const { context, at } = overlay.prepare(canvas);
    const [rows, columns] = state.numbers.shape;
    const path = new Path2D();
    const isColumn = state.line.along === "column";
    path.moveTo(...(isColumn ? at(state.line.at, -0.5) : at(-0.5, state.line.at)));
    path.lineTo(...(isColumn ? at(state.line.at, rows - 0.5) : at(columns - 0.5, state.line.at)));
    overlay.strokeTwice(context, path, "#ffd23f", 1.6);
  }

  function move(at) {
    const [rows, columns] = state.numbers.shape;
    const last = (state.line.along === "column" ? columns : rows) - 1;
    state.line.at = Math.min(Math.max(Math.round(at), 0), last);
    [element("line-at").max, element("line-at").value] = [last, state.line.at];
    element("line-at").setAttribute("aria-valuetext", `${state.line.along} ${state.line.at}`);
    cinecast.tell("line");
  }

  function connectLocator() {
    const canvas = element("locator").querySelector(".over");
    const toLine = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const [rows, columns] = state.numbers.shape;
      move(state.line.along === "column" ? ((event.clientX - left) / width) * columns - 0.5 : ((event.clientY - top) / height) * rows - 0.5);
    };
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); toLine(event); });
    canvas.addEventListener("pointermove", (event) => { if (canvas.hasPointerCapture(event.pointerId)) toLine(event); });
    element("line-at").addEventListener("input", (event) => move(Number(event.target.value)));
    element("line-along").addEventListener("change", (event) => {
      const [rows, columns] = state.numbers.shape;
      state.line.along = event.target.value;
      move((state.line.along === "column" ? columns : rows) / 2);
    });
    element("mmode-map").addEventListener("change", redraw);
    new ResizeObserver(drawLocator).observe(canvas);
  }

  function moveCursor() {
    const count = state.numbers.player_frames.length;
    for (const line of document.querySelectorAll("#mmode .now")) line.style.left = `${(100 * (state.position + 0.5)) / count}%`;
  }

  const colouring = () => JSON.stringify([state.window, state.differencePercent, state.errorLimit]);
  const nameOf = ({ line: { area }, isError, main, measured, sample }) => JSON.stringify([area, isError, main?.entry.id, Boolean(measured), sample]);

  // Strips are made beside the page as soon as they are asked for, of those asked for meanwhile only the newest, and are
  // painted once they are there.
  let asked = { name: "", colouring: "" };
  let last = Promise.resolve();
  function strips(name, content) {
    const own = last.then(() => (asked.name === name ? build(content) : null));
    last = own.catch(() => {});
    return own;
  }

  function redraw() {
    if (!view.isWhole()) return;
    const content = contentNow();
    const own = { name: nameOf(content), colouring: colouring() };
    if (own.name === asked.name && own.colouring === asked.colouring) return;
    own.strips = own.name === asked.name ? asked.strips : strips(own.name, content);
    own.strips.catch(() => {}); // said when they are painted
    asked = own;
    cinecast.later("mmode", async () => {
      const made = await own.strips;
      if (own !== asked) return;
      built = made;
      paint();
      drawLocator();
    });
  }

  cinecast.on("start", () => {
    connectLocator();
    move(state.line.at);
    for (const strip of STRIPS) {
      element(`mmode-${strip}`).parentElement.addEventListener("click", (event) => {
        const { left, width } = element(`mmode-${strip}`).getBoundingClientRect();
        const count = state.numbers.player_frames.length;
        cinecast.setPosition(Math.min(Math.max(Math.floor(((event.clientX - left) / width) * count), 0), count - 1));
      });
    }
  });
  cinecast.on("look", () => { redraw(); moveCursor(); });
  cinecast.on("line", () => { redraw(); drawLocator(); });
  cinecast.on("frame", moveCursor);
})();
