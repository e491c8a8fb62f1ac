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

  async function choose() {
    const own = ++turn;
    const pictures = cinecast.element("pictures");
    pictures.setAttribute("aria-busy", "true");
    delete document.documentElement.dataset.ready;
    try {
      const [frames, tracks, aims, main, other] = await Promise.all([
        motion.frames(), landmarks.tracks(), targets.load(state.method, state.second), forecastOf(state.method), forecastOf(state.second),
      ]);
      if (own !== turn) return; // another choice was made meanwhile
      Object.assign(shown, { pictures: frames, tracks, targets: aims, main, other, measured: null, otherMeasured: null });
      shown.references = await Promise.all(frames.references.map((_, number) => motion.referenceLevels(number)));
      cinecast.tell("look");
      const [measured, otherMeasured] = await Promise.all([motion.flow(flowNumber()), other && motion.flow(other.flowNumber)]);
      if (own !== turn) return;
      Object.assign(shown, { measured, otherMeasured });
      pictures.removeAttribute("aria-busy");
      pictures.dataset.entry = main?.entry.id ?? "";
      pictures.dataset.sample = state.sample;
      cinecast.tell("look");
    } catch (error) {
      cinecast.element("player-words").textContent = `${error.message}.`;
      throw error;
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
    if (kind === "real") return shown.pictures.real[state.position];
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

  return { shown, field, levels, errors, flowNumber, secondSample, measuredApart };
})();
