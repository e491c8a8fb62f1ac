"use strict";
// Real frame, predicted frame and their difference, frame by frame.
(() => {
  const { element, state } = cinecast;
  let colours = null;
  let shown = null;
  let timer = null;

  const percent = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)} %`;
  const grey = (value) => (state.run.integer_grey ? String(Math.round(value)) : value.toPrecision(3)).replace("-", "−");

  function ticks(id, texts) {
    element(id).replaceChildren(...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  }

  function prepare() {
    const { shape, spacing_mm, roi, window: [low, high], limit_percent } = state.run;
    const [rows, columns] = shape;
    for (const canvas of element("pictures").querySelectorAll("canvas")) {
      canvas.width = columns;
      canvas.height = rows;
      canvas.parentElement.style.setProperty("--aspect", (columns * spacing_mm[1]) / (rows * spacing_mm[0]));
    }
    colours = pictures.differenceColours(limit_percent);
    element("difference-bar").style.background = pictures.gradient();
    const limit = ((high - low) * limit_percent) / 100;
    ticks("real-ticks", [`≤ ${grey(low)}`, "grey level", `≥ ${grey(high)}`]);
    ticks("predicted-ticks", [`≤ ${grey(low)}`, "grey level", `≥ ${grey(high)}`]);
    ticks("difference-ticks", [
      `${percent(-limit_percent)} (${grey(-limit)})`, "0", `${percent(limit_percent)} (+${grey(limit)})`,
    ]);
    element("window-words").textContent =
      `both frames run from black at ${grey(low)} to white at ${grey(high)}, the 0.5th and 99.5th percentiles of the real ` +
      `test frames; the difference is given in % of that window and in grey levels, on one scale for all methods and horizons.`;
    if (roi) placeRoi(roi, rows, columns);
  }

  function placeRoi(roi, rows, columns) {
    const share = (value, whole) => `${(100 * value) / whole}%`;
    for (const box of element("pictures").querySelectorAll(".roi")) {
      box.style.top = share(roi.rows[0], rows);
      box.style.height = share(roi.rows[1] - roi.rows[0], rows);
      box.style.left = share(roi.columns[0], columns);
      box.style.width = share(roi.columns[1] - roi.columns[0], columns);
      box.hidden = !element("show-roi").checked;
    }
  }

  async function choose() {
    const entry = cinecast.entryOf(state.method);
    const count = state.run.shape[0] * state.run.shape[1];
    element("pictures").setAttribute("aria-busy", "true");
    try {
      const [real, content] = await Promise.all([
        cinecast.load("real", "assets/frames_real.js"), cinecast.load(entry.id, entry.file),
      ]);
      real.frames ??= pictures.decode(real.pictures, count);
      content.frames ??= pictures.decode(content.pictures, count);
      const next = { entry, content, real: await real.frames, predicted: await content.frames };
      if (cinecast.entryOf(state.method) !== entry) return; // another choice was made meanwhile
      shown = next;
      element("pictures").removeAttribute("aria-busy");
      element("pictures").dataset.entry = entry.id;
      draw();
    } catch (error) {
      element("player-words").textContent = `${error.message}.`;
    }
  }

  function draw() {
    if (!shown) return; // the pictures are on their way
    const { position } = state;
    const real = shown.real[position];
    const predicted = shown.predicted[position];
    const missing = shown.content.missing[position];
    pictures.paint(element("real"), (i) => pictures.greys[real[i]]);
    pictures.paint(element("predicted"), (i) => pictures.greys[missing ? 0 : predicted[i]]);
    pictures.paint(element("difference"), (i) => colours[255 + (missing ? 0 : predicted[i] - real[i])]);
    for (const note of element("pictures").querySelectorAll(".no-forecast")) note.hidden = !missing;
    describe();
    fillScores();
    element("pictures").dataset.position = position;
  }

  function describe() {
    const { entry } = shown;
    const frame = state.run.player_frames[state.position];
    const time = `${state.run.times_s[frame].toFixed(2)} s`;
    element("slider").value = state.position;
    element("slider").setAttribute("aria-valuetext", `frame ${frame}, ${time}`);
    element("where").textContent = `frame ${frame} · ${time} · ${state.position + 1} / ${state.run.player_frames.length}`;
    element("player-words").textContent = words(entry, frame, time);
  }

  function words(entry, frame, time) {
    if (entry.protocol === "oracle") {
      return `Oracle: the reference frame warped with the weights measured on frame ${frame} (${time}) itself. ` +
        "Not a forecast, but the best that any forecast of these weights could show.";
    }
    const plural = (count) => `${count} frame${count === 1 ? "" : "s"}`;
    const horizon = entry.horizon_frames;
    const ahead = `${plural(horizon)} (${entry.horizon_s.toFixed(2)} s)`;
    // One frame ahead, the published protocol hands over nothing early.
    const known = entry.protocol === "published" && horizon > 1
      ? `by a method that was given every frame to learn from ${plural(horizon - 1)} before it existed (non-causal).`
      : `when frame ${frame - horizon} had arrived and nothing later was known.`;
    const run = entry.runs > 1 ? ` Shown is the first of ${entry.runs} random runs.` : "";
    return `What is shown as predicted for frame ${frame} (${time}) was forecast ${ahead} earlier, ${known}${run}`;
  }

  function fillScores() {
    const regions = Object.keys(shown.entry.errors_mm);
    element("first-run").hidden = shown.entry.image_runs === 1;
    const titles = { image: "Whole image", roi: "ROI" };
    const rows = regions.map((region, r) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: titles[region] ?? region });
      const cells = shown.content.scores[state.position][r].map((value, m) =>
        Object.assign(document.createElement("td"), { textContent: value === null ? "–" : value.toFixed(m < 2 ? 2 : 3) }));
      row.append(head, ...cells);
      return row;
    });
    element("frame-scores").replaceChildren(...rows);
  }

  // Time between two shown frames in ms at the chosen speed.
  function interval() {
    const [first, second] = state.run.player_frames;
    return (1000 * ((second ?? first + 1) - first) * state.run.period_s) / Number(element("speed").value);
  }

  function play(playing) {
    clearInterval(timer);
    timer = playing ? setInterval(() => cinecast.setPosition(state.position + 1), interval()) : null;
    element("play").textContent = playing ? "Pause" : "Play";
    element("where").setAttribute("aria-live", playing ? "off" : "polite");
  }

  function step(by) {
    play(false);
    cinecast.setPosition(state.position + by);
  }

  function connect() {
    element("play").addEventListener("click", () => play(timer === null));
    element("previous").addEventListener("click", () => step(-1));
    element("next").addEventListener("click", () => step(1));
    element("speed").addEventListener("change", () => play(timer !== null));
    element("slider").addEventListener("input", (event) => step(Number(event.target.value) - state.position));
    element("show-roi")?.addEventListener("change", (event) => {
      for (const box of element("pictures").querySelectorAll(".roi")) box.hidden = !event.target.checked;
    });
    document.addEventListener("keydown", (event) => {
      // Lists and the slider have their own use for arrow keys.
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, input[type=range], pre")) return;
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) {
        event.preventDefault();
        step(by);
      }
    });
  }

  let prepared = false;
  cinecast.on("choice", () => {
    if (!prepared) {
      prepare();
      connect();
      prepared = true;
    }
    choose();
  });
  cinecast.on("frame", draw);
})();
