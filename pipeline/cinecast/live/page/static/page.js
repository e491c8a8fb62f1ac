"use strict";
// Asks for the newest moment of the session, draws it, and asks again: a slow browser sees fewer frames.
(() => {
  const FOLLOWER = Math.random().toString(36).slice(2); // until this one has got the last frame, the session waits for a moment
  const RETRIES = 4;
  const RETRY_MS = 500;
  const PATIENCE_MS = 7000; // a slow line may need as long for pictures ...
  const SILENCE_MS = 2500; // ... but what was said so long ago is not now; an answer comes within 1 s, though nothing be new
  const SILENT = "cinecast does not answer: what is shown is not what is now.";
  const BYTES = { real: 1, forecast: 1, difference: 2, ahead: 1 };
  const LARGEST = 32767;
  const PERCENTS = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100];
  const element = (id) => document.getElementById(id);
  let shown = null;
  let chosenPercent = null; // the reader's, else that of the session
  let current = true; // whether what is shown is what there is
  let heardMs = performance.now();

  // Receiving ---------------------------------------------------------------------------------------------------------

  function unpack(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const pictures = {};
    let start = 4 + length;
    for (const name of facts.pictures) {
      const end = start + facts.shape[0] * facts.shape[1] * BYTES[name];
      const part = buffer.slice(start, end);
      pictures[name] = BYTES[name] === 2 ? new Int16Array(part) : new Uint8Array(part);
      start = end;
    }
    return { facts, pictures };
  }

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const nextPaint = () => new Promise((resolve) => requestAnimationFrame(resolve));

  async function follow() {
    let after = -1;
    let failures = 0;
    while (failures < RETRIES) {
      try {
        const response = await fetch(`newest?after=${after}&follower=${FOLLOWER}`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
        if (!response.ok) throw new Error(response.statusText);
        const { facts, pictures } = unpack(await response.arrayBuffer());
        failures = 0;
        heardMs = performance.now();
        const regained = !current;
        if (regained) lose(false, "");
        if (facts.number > after || regained) draw(facts, pictures);
        after = facts.number;
        if (facts.ended) return end("The session has ended; this is its last frame.");
        await nextPaint();
      } catch {
        failures += 1;
        lose(true, SILENT);
        await pause(RETRY_MS);
      }
    }
    return end("cinecast no longer answers: the session has ended. This is the last frame that came here.");
  }

  // What is shown is of the past, or is not any more: a gate of the past must not look like one of now.
  function lose(lost, sentence) {
    current = !lost;
    element("ended").textContent = sentence;
    element("ended").hidden = !lost;
    if (shown) drawGates(shown.facts);
  }

  const listening = setInterval(() => {
    if (current && performance.now() - heardMs > SILENCE_MS) lose(true, SILENT);
  }, 250);

  function end(sentence) {
    clearInterval(listening);
    lose(true, sentence);
    document.documentElement.dataset.ended = "true";
  }

  // Pictures ----------------------------------------------------------------------------------------------------------

  const minus = (text) => text.replace("-", "−");
  const number = (value, digits = 2) => (value === null || value === undefined ? "–" : minus(value.toFixed(digits)));
  const grey = (value) => minus(Math.abs(value) >= 100 ? String(Math.round(value)) : String(+value.toPrecision(3)));
  const percentOf = ({ limit_percent: own }) => chosenPercent ?? own;

  function paint(name, facts, pictures, colourOf, words) {
    const panel = element(`panel-${name}`);
    const canvas = panel.querySelector("canvas");
    const picture = pictures[name];
    panel.querySelector(".no-forecast").hidden = Boolean(picture);
    panel.querySelector(".when").textContent = words;
    if (!facts.shape) return;
    const { shape: [rows, columns], spacing_mm: [alongRows, alongColumns] } = facts;
    if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
    panel.style.setProperty("--aspect", (columns * alongColumns) / (rows * alongRows));
    colours.paint(canvas, picture ? colourOf(picture) : () => colours.greyScale[0]);
  }

  const inGrey = (picture) => (i) => colours.greyScale[picture[i]];

  function drawPictures() {
    const { facts, pictures } = shown;
    const { forecast_s: made, ahead_s: ahead, real_s: now } = facts;
    paint("real", facts, pictures, inGrey, now === null ? "" : `at ${number(now)} s`);
    const off = made && Math.abs(made[1] - now) > 0.005 ? `, for ${number(made[1])} s` : "";
    paint("forecast", facts, pictures, inGrey, made ? `made at ${number(made[0])} s, ${number(made[1] - made[0])} s ahead${off}` : "");
    const limit = (LARGEST * (facts.window ? percentOf(facts) : 100)) / 100;
    const hasCome = made && made[1] <= now + 0.005 && facts.error_mm !== null; // else the error is that of the one before
    const error = hasCome ? `motion off by ${number(facts.error_mm)} mm on average` : "";
    paint("difference", facts, pictures, (picture) => (i) => colours.ofDifference(picture[i] / limit), error);
    paint("ahead", facts, pictures, inGrey, ahead ? `for ${number(ahead[1])} s, made at ${number(ahead[0])} s` : "");
    if (facts.window) drawLegends(facts);
  }

  // Where the landmarks were found in the real frame: rings over it, which hide no pixel of their middle.
  function drawMarks({ shape, marks }) {
    const drawing = element("marks");
    if (shape) drawing.setAttribute("viewBox", `-0.5 -0.5 ${shape[1]} ${shape[0]}`);
    drawing.replaceChildren(...marks.map(([x, y]) => {
      const ring = document.createElementNS(drawing.namespaceURI, "circle");
      for (const [name, value] of Object.entries({ cx: x, cy: y, r: 3 })) ring.setAttribute(name, value);
      return ring;
    }));
  }

  // Where targets are, along the sides of their pixels: as planned below, the forecast above.
  function drawOutlines({ shape, targets }) {
    const kinds = { real: [["plan", "plan"], ["real", "real"], ["forecast", "forecast"]], forecast: [["forecast", "forecast"]], ahead: [["plan", "plan"], ["ahead", "forecast"]] };
    for (const [panel, drawn] of Object.entries(kinds)) {
      const drawing = element(`panel-${panel}`).querySelector(".outlines");
      if (shape) drawing.setAttribute("viewBox", `-0.5 -0.5 ${shape[1]} ${shape[0]}`);
      drawing.replaceChildren(...targets.flatMap(({ outlines }) => drawn.filter(([name]) => outlines[name]).map(([name, kind]) => {
        const path = document.createElementNS(drawing.namespaceURI, "path");
        path.setAttribute("class", `outline-${kind}`);
        path.setAttribute("d", outlines[name]);
        return path;
      })));
    }
    element("outlines-words").hidden = targets.length === 0;
  }

  function drawGates({ targets }) {
    element("gates").hidden = targets.length === 0;
    element("gates").replaceChildren(...targets.map(({ name, gate, distance_mm: distance, centroid }) => {
      const where = !gate ? "" : centroid ? `, ${number(distance)} mm from its plan` : ", it has left the image";
      return Object.assign(document.createElement("p"), {
        className: `gate-${gate && current ? gate.state : "none"}`,
        textContent: `${name}: ${current ? "" : "no gate; at last "}${gate ? gate.words : "no forecast yet"}${where}`,
      });
    }));
  }

  function drawLegends(facts) {
    const [low, high] = facts.window;
    const percent = percentOf(facts);
    const reach = ((high - low) * percent) / 100;
    const texts = [`≤ ${grey(low)}`, "grey level", `≥ ${grey(high)}`];
    for (const name of ["real", "forecast", "ahead"]) legend(name, "grey", texts);
    legend("difference", "difference", [`−${percent} % (${grey(-reach)})`, "0", `+${percent} % (+${grey(reach)})`]);
    if (chosenPercent === null) element("difference-scale").value = percent;
  }

  function legend(name, kind, texts) {
    const panel = element(`panel-${name}`);
    if (panel.dataset.legend === texts.join()) return;
    panel.dataset.legend = texts.join();
    panel.querySelector(".bar").style.background = colours.gradient(kind);
    panel.querySelector(".ticks").replaceChildren(...texts.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
  }

  // Figures -----------------------------------------------------------------------------------------------------------

  const STATES = {
    collected: ["collecting frames to calibrate on", "neutral"],
    "passed over": ["calibrating", "neutral"],
    calibrated: ["calibrated", "causal"],
    recalibrated: ["fitted anew", "causal"],
    forecast: ["forecasting", "causal"],
    stale: ["stale", "published"],
    skipped: ["skipped", "published"],
    overdue: ["no frame comes", "published"],
  };

  function atLandmarks({ figures, landmark_error_mm: error, measured_landmark_error_mm: measured }) {
    if (!figures.landmarks) return "none followed";
    const soFar = `so far ${number(figures.landmark_error_mm, 3)} and ${number(figures.measured_landmark_error_mm, 3)} mm`;
    return `${number(error, 3)} mm, measured motion ${number(measured, 3)} mm; ${soFar}`;
  }

  function ofTarget({ centroid, offsets_mm: offsets, folded }) {
    if (!centroid) return "not in the image";
    const parts = Object.entries(offsets).map(([axis, mm]) => `${axis.length === 2 ? axis.toUpperCase() : axis} ${number(mm)} mm`);
    const folds = folded ? `; motion folds at ${folded} pixels` : "";
    return `${parts.join(", ")} from its plan (row ${number(centroid[0], 1)}, column ${number(centroid[1], 1)})${folds}`;
  }

  function drawFigures(facts) {
    const { figures, name, latency_ms: latency, error_mm: error, state, collected } = facts;
    const rows = [
      ["Newest", name],
      ["Forecasts", figures.forecasts],
      ["Skipped", figures.skipped],
      ["Late", figures.late],
      ["Latency, newest", `${number(latency)} ms`],
      ["Latency, median", `${number(figures.latency_median_ms)} ms`],
      ["Latency, 95 %", `${number(figures.latency_p95_ms)} ms`],
      ["Latency, 99 %", `${number(figures.latency_p99_ms)} ms`],
      ["Latency, worst", `${number(figures.latency_worst_ms)} ms`],
      ["Error", `${number(error, 3)} mm`],
      [`Error so far (${figures.error_forecasts} forecasts)`, `${number(figures.error_mm, 3)} mm`],
    ];
    rows.splice(3, 0, ["Passed over", figures.passed_over]);
    rows.push(["Motion model", facts.model]);
    if (figures.reference_frame !== null) rows.push(["Measured from", `frame ${figures.reference_frame}`]);
    if (figures.landmarks !== null) rows.push([`Error at ${figures.landmarks} landmarks`, atLandmarks(facts)]);
    if (figures.unexplained_frames !== null) rows.push(["Not explained by the flow", `${figures.unexplained_frames.length} frames`]);
    facts.targets.forEach((target, i) => {
      const soFar = figures.targets[i];
      rows.push([`${target.name}, forecast`, ofTarget(target)]);
      rows.push([`${target.name}, error of the centroid`, `${number(target.error_mm)} mm`]);
      if (soFar) rows.push([`${target.name}, error so far (${soFar.centroid_error_forecasts} forecasts)`, `${number(soFar.centroid_error_mm)} mm`]);
    });
    if (state === "collected") rows.splice(1, 0, ["To calibrate on", `${collected} of ${figures.calibration_frames}`]);
    element("figures").replaceChildren(...rows.map(([term, value]) => {
      const pair = document.createElement("div");
      pair.append(...[["dt", term], ["dd", value]].map(([tag, text]) => Object.assign(document.createElement(tag), { textContent: text })));
      return pair;
    }));
  }

  function drawNotes({ notes }) {
    element("no-notes").hidden = notes.length > 0;
    element("notes").hidden = notes.length === 0;
    element("notes").tBodies[0].replaceChildren(...[...notes].reverse().map((note) => {
      const row = document.createElement("tr");
      const [noted, time, ...said] = note;
      const texts = [new Date(1000 * noted).toLocaleTimeString("en-GB"), time === null ? "–" : `${number(time)} s`, ...said];
      row.append(...texts.map((text, i) => Object.assign(document.createElement(i ? "td" : "th"), { className: "text", textContent: text })));
      return row;
    }));
  }

  function draw(facts, pictures) {
    shown = { facts, pictures };
    element("title").textContent = facts.title;
    document.title = `${facts.title} – cinecast`;
    const [words, kind] = STATES[facts.state];
    element("state").textContent = words;
    element("state").className = `badge badge-${kind}`;
    element("stale").hidden = !facts.stale;
    element("reasons").hidden = !facts.stale;
    element("reasons").textContent = facts.stale ? `The newest forecast is stale: ${facts.reasons.join("; ")}.` : "";
    drawPictures();
    drawMarks(facts);
    drawOutlines(facts);
    drawGates(facts);
    traces.draw(facts);
    traces.drawBudget(facts);
    drawFigures(facts);
    drawNotes(facts);
    document.documentElement.dataset.number = facts.number;
  }

  // The page ----------------------------------------------------------------------------------------------------------

  element("difference-scale").replaceChildren(...PERCENTS.map((percent) => new Option(`± ${percent} % of the window`, percent)));
  element("difference-scale").addEventListener("change", (event) => {
    chosenPercent = Number(event.target.value);
    if (shown) drawPictures();
  });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const setTheme = () => { document.documentElement.dataset.theme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", setTheme);
  setTheme();
  follow();
})();
