"use strict";
// The lists of methods, horizons and runs, the grey window and the colour scales.
(() => {
  const { element, state } = cinecast;
  const plural = (count) => `${count} frame${count === 1 ? "" : "s"}`;

  function fill(select, options, chosen) {
    select.replaceChildren(...options.map(({ value, text }) => new Option(text, value, false, String(value) === String(chosen))));
  }

  const onChange = (id, act) => element(id)?.addEventListener("change", (event) => act(event.target.value));

  function fillRuns() {
    const entry = state.method ? cinecast.entryOf(state.method) : null;
    const runs = entry?.runs ?? 1;
    if (state.sample >= runs) state.sample = 0;
    fill(element("sample"), Array.from({ length: runs }, (_, run) => ({ value: run, text: runs > 1 ? `${run + 1} of ${runs}` : "the only one" })), state.sample);
    element("sample").disabled = runs === 1;
  }

  function fillLists() {
    const methods = cinecast.methods().map(({ name, title }) => ({ value: name, text: title }));
    fill(element("method"), methods, state.method);
    fill(element("second"), [{ value: "", text: "none" }, ...methods], state.second);
    const horizons = cinecast.horizons();
    fill(element("horizon"), horizons.map(({ frames, s }) => ({ value: frames, text: `${s.toFixed(2)} s (${plural(frames)})` })), state.horizon);
    fillRuns();
  }

  function connectLists() {
    onChange("method", (method) => { state.method = method; fillRuns(); cinecast.tell("choice"); });
    onChange("horizon", (horizon) => { state.horizon = Number(horizon); fillRuns(); cinecast.tell("choice"); });
    onChange("sample", (sample) => cinecast.change("choice", { sample: Number(sample) }));
    onChange("second", (second) => cinecast.change("choice", { second }));
    onChange("region", (region) => cinecast.change("choice", { region }));
  }

  // On a phone all but method and horizon lie behind a button: the bar stays above everything else.
  element("more-choices").addEventListener("click", () => {
    const button = element("more-choices");
    button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") !== "true");
  });
  element("choices-rest").querySelector("nav").addEventListener("click", () => element("more-choices").setAttribute("aria-expanded", "false"));

  // Grey window -----------------------------------------------------------------------------------------------------

  function showWindow() {
    const [low, high] = state.window;
    const { low: first, step, levels } = state.numbers.grey;
    for (const [id, value] of [["black", low], ["white", high]]) {
      const slider = element(id);
      [slider.min, slider.max, slider.step] = [first, first + step * (levels - 1), step];
      slider.value = value;
      slider.setAttribute("aria-valuetext", `grey level ${panels.grey(value)}`);
      element(`${id}-value`).textContent = panels.grey(value);
    }
  }

  function moveWindow(changed) {
    const { step } = state.numbers.grey;
    let [low, high] = [Number(element("black").value), Number(element("white").value)];
    if (low >= high) [low, high] = changed === "black" ? [low, low + step] : [high - step, high];
    state.window = [low, high];
    showWindow();
    cinecast.tell("look");
  }

  function connectScales() {
    for (const id of ["black", "white"]) element(id).addEventListener("input", () => moveWindow(id));
    element("reset-window").addEventListener("click", () => {
      state.window = [...state.numbers.window];
      showWindow();
      cinecast.tell("look");
    });
    const percents = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100].concat(state.differencePercent);
    const ordered = [...new Set(percents)].sort((a, b) => a - b);
    fill(element("difference-scale"), ordered.map((value) => ({ value, text: `± ${value} % of the grey window` })), state.differencePercent);
    fill(element("error-scale"), state.numbers.limits_mm.map((value) => ({ value, text: `0 to ${value} mm` })), state.errorLimit);
    onChange("difference-scale", (value) => cinecast.change("look", { differencePercent: Number(value) }));
    onChange("error-scale", (value) => cinecast.change("look", { errorLimit: Number(value) }));
  }

  // ROI and theme ---------------------------------------------------------------------------------------------------

  function placeRoi() {
    const { roi, shape: [rows, columns] } = state.numbers;
    const share = (value, whole) => `${(100 * value) / whole}%`;
    for (const box of document.querySelectorAll(".roi")) {
      box.hidden = !roi || !element("show-roi").checked;
      if (!roi) continue;
      Object.assign(box.style, {
        top: share(roi.rows[0], rows), height: share(roi.rows[1] - roi.rows[0], rows),
        left: share(roi.columns[0], columns), width: share(roi.columns[1] - roi.columns[0], columns),
      });
    }
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  function setTheme(theme) {
    document.documentElement.dataset.theme = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
    if (state.numbers) cinecast.tell("theme");
  }
  element("theme").addEventListener("change", (event) => setTheme(event.target.value));
  dark.addEventListener("change", () => setTheme(element("theme").value));
  setTheme(element("theme").value);

  // Paper cannot be unfolded.
  const opened = [];
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) { part.open = true; opened.push(part); }
  });
  addEventListener("afterprint", () => { for (const part of opened.splice(0)) part.open = false; });

  cinecast.on("start", () => {
    fillLists();
    connectLists();
    connectScales();
    showWindow();
    placeRoi();
    element("show-roi")?.addEventListener("change", placeRoi);
  });
})();
