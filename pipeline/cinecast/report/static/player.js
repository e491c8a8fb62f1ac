"use strict";
// Steps through the frames, and says what is shown.
(() => {
  const { element, state } = cinecast;
  let timer = null;
  const frames = () => state.numbers.player_frames;
  const plural = (count) => `${count} frame${count === 1 ? "" : "s"}`;

  function describe() {
    const frame = frames()[state.position];
    const time = `${state.numbers.times_s[frame].toFixed(2)} s`;
    element("slider").value = state.position;
    element("slider").setAttribute("aria-valuetext", `frame ${frame}, ${time}`);
    element("where").textContent = `frame ${frame} · ${time} · ${state.position + 1} / ${frames().length}`;
    const entry = cinecast.state.method ? cinecast.entryOf(state.method) : null;
    element("player-words").textContent = entry ? words(entry, frame, time) + heldWords(entry, frame) : `Frame ${frame} (${time}). This run holds no forecast to show beside it.`;
  }

  // Its motion is that of the frame before, so that no error in it can be known.
  function heldWords(entry, frame) {
    const { models, flows } = state.numbers;
    return flows[models[entry.model]?.flow]?.held.includes(frame)
      ? " This frame is faulty. Its motion was not measured: the errors that are drawn for it say nothing, and it is not scored." : "";
  }

  function words(entry, frame, time) {
    if (entry.protocol === "oracle") {
      return `The oracle is the reference frame, moved with the weights measured on frame ${frame} (${time}) itself. ` +
        "It is no forecast. It is the best that any forecast of these weights could show.";
    }
    const horizon = entry.horizon_frames;
    const issued = cinecast.issuedAt(entry, frame);
    if (issued < 0) return `Frame ${frame} (${time}) has no forecast ${plural(horizon)} ahead: frames are missing before it.`;
    const ahead = `${plural(horizon)} (${entry.horizon_s.toFixed(2)} s)`;
    // One frame ahead, the published protocol hands over nothing early.
    const known = entry.protocol === "published" && horizon > 1
      ? `by a method that was given every frame to learn from ${plural(horizon - 1)} before it existed (non-causal).`
      : entry.protocol === "unknown"
        ? `when frame ${issued} had arrived. The DVFs were given, and it is not known from which frames they were made.`
        : `when frame ${issued} had arrived and nothing later was known.`;
    const run = entry.runs > 1 ? ` This is run ${state.sample + 1} of ${entry.runs} random runs.` : "";
    return `The predicted frame ${frame} (${time}) was forecast ${ahead} earlier, ${known}${run}`;
  }

  function fillScores() {
    const { main } = view.shown;
    element("scores-of-frame").hidden = !main?.own.scores;
    if (!main?.own.scores) return;
    const [runs, count, regions, metrics] = main.own.scoreShape;
    const isScored = state.sample < runs;
    element("unscored-run").hidden = isScored;
    const titles = state.numbers.region_titles;
    element("frame-scores").replaceChildren(...main.entry.regions.map((region, r) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: titles[region] ?? region });
      const start = ((state.sample * count + state.position) * regions + r) * metrics;
      const cells = Array.from({ length: metrics }, (_, m) => {
        const value = isScored ? main.own.scores[start + m] : NaN;
        return Object.assign(document.createElement("td"), { textContent: Number.isNaN(value) ? "–" : value.toFixed(m < 2 ? 2 : 3) });
      });
      row.append(head, ...cells);
      return row;
    }));
  }

  // Time between two shown frames in ms at the chosen speed.
  function interval() {
    const [first, second] = frames();
    return (1000 * ((second ?? first + 1) - first) * state.numbers.period_s) / Number(element("speed").value);
  }

  function play(playing) {
    clearInterval(timer);
    timer = playing ? setInterval(() => cinecast.setPosition(state.position + 1), interval()) : null;
    element("play").textContent = playing ? "Pause" : "Play";
    for (const id of ["where", "player-words"]) element(id).setAttribute("aria-live", playing ? "off" : "polite");
  }

  function step(by) {
    play(false);
    cinecast.setPosition(state.position + by);
  }

  const KEYS = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    Home: () => step(-state.position),
    End: () => step(frames().length - 1 - state.position),
    " ": () => play(timer === null),
  };

  function onKey(event) {
    // Lists, sliders and buttons have their own use for these keys.
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, input, pre, button, a, .scrolled")) return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  function connect() {
    element("play").addEventListener("click", () => play(timer === null));
    element("previous").addEventListener("click", () => step(-1));
    element("next").addEventListener("click", () => step(1));
    element("speed").addEventListener("change", () => play(timer !== null));
    element("slider").addEventListener("input", (event) => step(Number(event.target.value) - state.position));
    document.addEventListener("keydown", onKey);
  }

  cinecast.on("start", connect);
  cinecast.on("frame", () => { describe(); fillScores(); });
  cinecast.on("look", () => { describe(); fillScores(); });
})();
