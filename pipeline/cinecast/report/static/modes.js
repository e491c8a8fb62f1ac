"use strict";
// The modes of the motion model as arrows over the reference frame, how much of the motion they hold, and how far it can be trusted.
(() => {
  const { element, state } = cinecast;
  let drawn = "";
  let current = null;

  const count = () => shownModes.count(current.numbers);

  function figureOf(k) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const picture = document.createElement("div");
    picture.className = "picture";
    const [base, over] = ["base", "over"].map((name) => Object.assign(document.createElement("canvas"), { className: name }));
    const [rows, columns] = state.numbers.shape;
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    [base.width, base.height] = [columns, rows];
    figure.style.setProperty("--aspect", (columns * alongColumns) / (rows * alongRows));
    base.setAttribute("role", "img");
    base.setAttribute("aria-label", `Mode ${k + 1} as arrows over the reference frame`);
    over.setAttribute("aria-hidden", "true");
    picture.append(base, over);
    figure.append(caption, picture);
    return figure;
  }

  const showsReliability = () => Boolean(current.basis.reliability && element("show-reliability")?.checked);

  // Runs that are compared may have pixels count all alike.
  function reliabilityScale() {
    if (!element("reliability")) return;
    element("reliability-choice").hidden = !current.basis.reliability;
    element("reliability").hidden = !showsReliability();
    element("reliability").querySelector(".bar").style.background = colours.gradient("reliability");
  }

  // Length in mm of the longest arrow of a mode at two standard deviations of its weight.
  function longest(mode, factor) {
    const half = mode.length / 2;
    const [alongRows, alongColumns] = state.numbers.spacing_mm;
    let most = 0;
    for (let i = 0; i < half; i++) most = Math.max(most, Math.hypot(mode[i] * alongColumns, mode[half + i] * alongRows));
    return most * Math.abs(factor);
  }

  // The largest of 1, 2, 4 and 8 times at which the longest arrow stays below a tenth of the picture's width.
  function fitted(most) {
    const room = (state.numbers.shape[1] * state.numbers.spacing_mm[1]) / 10;
    return [8, 4, 2].find((times) => times * most <= room) ?? 1;
  }

  function drawMode(figure, k) {
    const { basis, numbers, flowNumber } = current;
    const factor = 2 * numbers.spread[k];
    const levels = view.shown.references[flowNumber];
    const plain = (i) => colours.greyScale[panels.levelOf(levels[i]) >> 1];
    const veiled = (i) => colours.pack(colours.veiled(0.75 * panels.levelOf(levels[i]), basis.reliability[i] / 100));
    colours.paint(figure.querySelector(".base"), showsReliability() ? veiled : plain);
    const most = longest(basis.modes[k], factor);
    const times = Number(element("mode-scale").value) || fitted(most);
    figure.querySelector("figcaption").replaceChildren(`Mode ${k + 1}: ${(100 * numbers.explained_variance[k]).toFixed(1)} % `,
      Object.assign(document.createElement("small"), { textContent: `up to ${most.toFixed(1)} mm; arrows ${times === 1 ? "true to length" : `drawn ${times} × as long`}` }));
    const area = overlay.prepare(figure.querySelector(".over"));
    overlay.drawArrows(area, basis.modes[k].map((value) => value * factor), overlay.FORECAST, times);
  }

  const width = () => element("modes").firstElementChild?.clientWidth;
  let drawnWidth = 0;
  function drawAll() {
    drawnWidth = width();
    [...element("modes").children].forEach(drawMode);
  }

  function words() {
    const { numbers, number } = current;
    const total = numbers.explained_variance.reduce((sum, share) => sum + share, 0);
    const own = state.numbers.entries.find(({ protocol, model }) => protocol === "oracle" && model === number);
    const oracle = own && state.numbers.horizon_errors.find(({ method, region }) => method === own.method && region === state.region);
    const where = state.numbers.region_places[state.region];
    const floor = oracle && oracle.value !== null
      ? ` With the true weights of all ${numbers.modes} modes, the oracle, the mean error over the test frames is ${oracle.value.toFixed(2)} mm ${where}.` : "";
    const few = numbers.few < numbers.modes ? ` The first ${numbers.few === 1 ? "mode holds" : `${numbers.few} modes hold`} 95 % of that; the others are folded.` : "";
    element("modes-words").textContent = `${numbers.modes === 1 ? "One mode explains" : `${numbers.modes} modes explain`} ${(100 * total).toFixed(1)} % of the variance of the motion ` +
      `in frames 0 to ${numbers.train_end - 1}, the train span. No other frame was used.${few}${floor} Arrows show where two standard deviations of the weight move the tissue.`;
  }

  async function show() {
    const number = view.shown.main?.entry.model ?? 0;
    element("modes-section").hidden = !state.numbers.models.length;
    if (!state.numbers.models.length) return;
    current = { number, basis: await motion.model(number), numbers: state.numbers.models[number], flowNumber: state.numbers.models[number].flow };
    const now = `${number} ${count()}`;
    if (drawn !== now) element("modes").replaceChildren(...Array.from({ length: count() }, (_, k) => figureOf(k)));
    drawn = now;
    words();
    shownModes.label("more-modes", current.numbers);
    reliabilityScale();
    drawAll();
    Object.assign(element("modes").dataset, { model: number, reliability: showsReliability() });
  }

  let shown = "";
  function redraw() {
    const now = JSON.stringify([view.shown.main?.entry.model, state.region, state.window, state.allModes, element("mode-scale").value, element("show-reliability")?.checked]);
    if (!view.shown.pictures || now === shown) return;
    shown = now;
    cinecast.later("modes", show);
  }
  cinecast.on("start", () => {
    for (const id of ["mode-scale", "show-reliability"]) element(id)?.addEventListener("change", redraw);
    new ResizeObserver(() => { if (current && width() !== drawnWidth) drawAll(); }).observe(element("modes"));
  });
  cinecast.on("look", redraw);
})();
