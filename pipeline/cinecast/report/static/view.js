"use strict";
// What is on show: the arrays of the chosen method and of the second one, each with the motion that its run measured.
const view = (() => {
  const { state } = cinecast;
  const shown = { pictures: null, tracks: null, targets: null, main: null, other: null, measured: null, otherMeasured: null, references: [] };
  let turn = 0;

  const forecastOf = (method) => {
    const entry = method && cinecast.entryOf(method);
    return entry ? motion.forecast(entry.id) : null;
  };
  const flowNumber = () => shown.main?.flowNumber ?? 0;

  // The first picture needs no other frame than its own; the others, and the measured motion, are asked for when all that
  // it needs has arrived, and come while it is drawn. A thread unpacks them while charts are drawn, which would keep them out.
  const LONGEST_WAIT_MS = 300;
  const arrived = (flow) => Promise.race([
    Promise.allSettled([cinecast.load("frames"), state.numbers.flows[flow]?.has_dvf && cinecast.load(`flow_${flow}`)]),
    new Promise((resolve) => { setTimeout(resolve, LONGEST_WAIT_MS); }),
  ]);

  async function choose() {
    const own = ++turn;
    const pictures = cinecast.element("pictures");
    pictures.setAttribute("aria-busy", "true");
    delete document.documentElement.dataset.ready;
    try {
      const [{ real: first }, real, tracks, aims, main, other] = await Promise.all([
        motion.opening(), state.position ? motion.frames() : null,
        landmarks.tracks(), targets.load(state.method, state.second), forecastOf(state.method), forecastOf(state.second),
      ]);
      if (own !== turn) return; // another choice was made meanwhile
      const rest = Promise.all([motion.frames(), motion.flow(main?.flowNumber ?? 0), other && motion.flow(other.flowNumber)]);
      rest.catch(() => {}); // said below
      Object.assign(shown, { pictures: real ? { real } : shown.pictures ?? { real: [first] }, tracks, targets: aims, main, other, measured: null, otherMeasured: null });
      shown.references = await Promise.all(state.numbers.flows.map((_, number) => motion.referenceLevels(number)));
      cinecast.tell("look");
      unpack.start();
      await arrived(flowNumber());
      cinecast.release();
      const [all, measured, otherMeasured] = await rest;
      if (own !== turn) return;
      Object.assign(shown, { pictures: { real: all }, measured, otherMeasured });
      pictures.removeAttribute("aria-busy");
      pictures.dataset.entry = main?.entry.id ?? "";
      pictures.dataset.sample = state.sample;
      cinecast.tell("look");
    } catch (error) {
      cinecast.element("player-words").textContent = `${error.message}.`;
      throw error;
    } finally {
      cinecast.release();
    }
  }

  cinecast.on("choice", choose);

  // Motion in pixels of what a picture shows; null where there is none.
  function field(kind) {
    if (kind === "real" || kind === "second-real") {
      const measured = kind === "real" ? shown.measured : shown.otherMeasured;
      return measured && motion.measuredField(measured, state.position);
    }
    if (kind === "predicted") return shown.main && motion.forecastField(shown.main, state.sample, state.position);
    if (kind === "second") return shown.other && motion.forecastField(shown.other, secondSample(), state.position);
    return null;
  }

  // A second method with fewer random runs shows its first.
  const secondSample = () => (shown.other && state.sample < shown.other.own.runs ? state.sample : 0);

  function levels(kind) {
    if (!shown.pictures) return null;
    if (kind === "reference") return shown.references[flowNumber()];
    if (kind === "real") return shown.pictures.real[state.position] ?? null;
    const [of, sample] = kind === "second" ? [shown.other, secondSample()] : [shown.main, state.sample];
    return of && motion.predictedFrame(of, sample, state.position);
  }

  function errors(kind) {
    const isSecond = kind === "second-error";
    const [of, measured, sample] = isSecond ? [shown.other, shown.otherMeasured, secondSample()] : [shown.main, shown.measured, state.sample];
    return of && motion.errorMap(of, measured, sample, state.position);
  }

  // Runs that are compared may have measured the motion differently.
  const measuredApart = () => Boolean(shown.other) && shown.other.flowNumber !== flowNumber();

  // Whether all that is chosen has arrived: every frame, and the motion that was measured.
  const isWhole = () => Boolean(shown.pictures) && !cinecast.element("pictures").hasAttribute("aria-busy");

  // Calls a function when what "name" says is on show is another than before; it returns null where that is not known yet.
  function whenOther(name, redraw) {
    let before = "";
    cinecast.on("look", () => {
      const now = name();
      if (now === null) return;
      if (now && now !== before) redraw();
      before = now;
    });
  }

  return { shown, isWhole, whenOther, field, levels, errors, flowNumber, secondSample, measuredApart };
})();
