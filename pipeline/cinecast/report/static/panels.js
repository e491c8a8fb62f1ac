"use strict";
// Pictures of one frame in step: any of them shows the reference, the real or a predicted frame, or an error.
const panels = (() => {
  const { element, state } = cinecast;
  const KINDS = {
    reference: ["Reference frame", "grey"],
    real: ["Real frame", "grey"],
    predicted: ["Predicted frame", "grey"],
    second: ["Predicted, second method", "grey"],
    error: ["Geometric error (mm)", "error"],
    "second-error": ["Geometric error, second method (mm)", "error"],
    difference: ["Predicted − real (grey levels)", "difference"],
    "second-difference": ["Second method − real (grey levels)", "difference"],
  };
  let greys = null;

  const minus = (text) => text.replace("-", "−");
  const grey = (value) => minus(state.numbers.integer_grey ? String(Math.round(value)) : value.toPrecision(3));
  const setAspect = (node) => {
    const { shape: [rows, columns], spacing_mm: [alongRows, alongColumns] } = state.numbers;
    node.style.setProperty("--aspect", (columns * alongColumns) / (rows * alongRows));
  };

  // Levels of the screen (0 to 255) of a picture; null where there is none.
  function screen(kind) {
    const levels = view.levels(kind);
    if (!levels) return null;
    const out = new Uint8Array(levels.length);
    for (let i = 0; i < out.length; i++) out[i] = greys[levels[i]];
    return out;
  }

  function colourOf(kind) {
    const type = KINDS[kind][1];
    if (type === "grey") {
      const levels = view.levels(kind);
      return levels && ((i) => colours.greyScale[greys[levels[i]]]);
    }
    if (type === "error") {
      const errors = view.errors(kind);
      return errors && ((i) => colours.ofError(errors[i] / state.errorLimit));
    }
    const predicted = view.levels(kind === "difference" ? "predicted" : "second");
    const real = view.levels("real");
    if (!predicted || !real) return null;
    const [low, high] = state.window;
    const limit = ((high - low) * state.differencePercent) / 100 / state.numbers.grey.step;
    return (i) => colours.ofDifference((predicted[i] - real[i]) / limit);
  }

  function whyEmpty(kind) {
    if (!view.isWhole()) return "still loading";
    if (kind.startsWith("second") && !view.shown.other) return "choose a second method";
    if (KINDS[kind][1] === "error" && !(kind === "second-error" ? view.shown.otherMeasured : view.shown.measured)) return "no measured motion";
    if (!view.shown.main) return "no forecast in this run";
    const { entry } = kind.startsWith("second") ? view.shown.other : view.shown.main;
    const isMissing = cinecast.issuedAt(entry, state.numbers.player_frames[state.position]) < 0;
    return isMissing ? "no forecast: frames are missing before this one" : "no forecast: this run diverged";
  }

  const black = () => colours.greyScale[0];

  function paint(figure) {
    const kind = figure.querySelector("select").value;
    const canvas = figure.querySelector(".base");
    const note = figure.querySelector(".no-forecast");
    const colour = colourOf(kind);
    colours.paint(canvas, colour || black);
    canvas.setAttribute("aria-label", KINDS[kind][0]);
    note.hidden = Boolean(colour);
    note.textContent = whyEmpty(kind);
    figure.dataset.kind = kind;
    legend(figure, KINDS[kind][1]);
  }

  function legend(figure, type) {
    const [low, high] = state.window;
    const reach = ((high - low) * state.differencePercent) / 100;
    const texts = {
      grey: [`≤ ${grey(low)}`, "grey level", `≥ ${grey(high)}`],
      difference: [`≤ ${grey(-reach)}`, "grey levels", `≥ +${grey(reach)}`],
      error: ["0 mm", `${state.errorLimit / 2} mm`, `≥ ${state.errorLimit} mm`],
    }[type];
    const text = texts.join();
    if (figure.dataset.legend === text) return;
    figure.dataset.legend = text;
    figure.querySelector(".bar").style.background = colours.gradient(type);
    figure.querySelector(".ticks").replaceChildren(
      ...texts.map((each) => Object.assign(document.createElement("span"), { textContent: each })));
  }

  // The value below the pointer, with its unit; empty where there is none.
  function reading(kind, row, column) {
    const i = row * state.numbers.shape[1] + column;
    const { low, step } = state.numbers.grey;
    const type = KINDS[kind][1];
    if (type === "error") {
      const errors = view.errors(kind);
      return errors ? `${errors[i].toFixed(2)} mm` : "";
    }
    const levels = view.levels(type === "grey" ? kind : kind === "difference" ? "predicted" : "second");
    if (!levels) return "";
    if (type === "grey") return `grey level ${grey(low + step * levels[i])}`;
    const real = view.levels("real");
    if (!real) return "";
    const difference = step * (levels[i] - real[i]);
    return `${difference > 0 ? "+" : ""}${grey(difference)} grey levels`;
  }

  function readBelow(figure, event) {
    const [rows, columns] = state.numbers.shape;
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const within = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    const [row, column] = [within((event.clientY - top) / height, rows), within((event.clientX - left) / width, columns)];
    const value = view.shown.pictures && reading(figure.querySelector("select").value, row, column);
    figure.querySelector(".reading").textContent = value ? `row ${row}, column ${column}: ${value}` : "\u00a0";
  }

  function setWindow() {
    greys = colours.greyLevels(state.numbers.grey, state.window);
  }

  const all = () => [...document.querySelectorAll("#pictures .panel")];
  const visible = () => all().filter((figure) => figure.offsetParent !== null);

  function prepare() {
    const [rows, columns] = state.numbers.shape;
    setWindow();
    element("pictures").classList.toggle("tall", columns * state.numbers.spacing_mm[1] < 1.1 * rows * state.numbers.spacing_mm[0]);
    for (const canvas of document.querySelectorAll("#pictures .base, #locator .base")) {
      [canvas.width, canvas.height] = [columns, rows];
      setAspect(canvas.closest("figure"));
    }
    for (const figure of all()) {
      figure.querySelector("select").addEventListener("change", draw);
      const over = figure.querySelector(".over");
      over.addEventListener("pointermove", (event) => readBelow(figure, event));
      over.addEventListener("pointerleave", () => { figure.querySelector(".reading").textContent = "\u00a0"; });
    }
  }

  function draw() {
    if (!view.shown.pictures) return; // they are black until then
    for (const figure of visible()) paint(figure);
    stage.draw();
    overlay.draw();
    element("pictures").dataset.position = state.position;
  }

  // Once a second method is chosen it stands beside the first, in the place of the reference, unless the reader has
  // arranged the panels otherwise.
  const ONE = ["reference", "real", "predicted"];
  const TWO = ["real", "predicted", "second"];
  let hadSecond = false;
  function followSecond() {
    if (Boolean(state.second) === hadSecond) return;
    hadSecond = Boolean(state.second);
    const selects = ONE.map((_, i) => element(`panel-${i + 1}`).querySelector("select"));
    const [from, to] = state.second ? [ONE, TWO] : [TWO, ONE];
    if (selects.every((select, i) => select.value === from[i])) selects.forEach((select, i) => { select.value = to[i]; });
  }

  cinecast.on("start", prepare);
  cinecast.on("choice", followSecond);
  cinecast.on("look", () => {
    setWindow();
    draw();
  });
  cinecast.on("frame", draw);
  cinecast.on("pixel", () => overlay.draw());
  return { screen, visible, grey, KINDS, levelOf: (level) => greys[level] };
})();
