"use strict";
// The run's numbers, what is chosen, and who wants to know when that changes.
// Data arrives through script tags that call cinecast.start and cinecast.receive: fetch does not work on file://.
const cinecast = (() => {
  const listeners = { choice: [], frame: [] };
  const requests = new Map();
  const state = { run: null, method: "", horizon: 0, region: "", position: 0 };

  const on = (event, listener) => listeners[event].push(listener);
  const tell = (event) => listeners[event].forEach((listener) => listener(state));
  const element = (id) => document.getElementById(id);

  // The entry of a method at the chosen horizon. The oracle has one entry, with a horizon of no frames, for all.
  function entryOf(method, horizon = state.horizon) {
    const own = state.run.entries.filter((entry) => entry.method === method);
    return own.find((entry) => entry.horizon_frames === horizon) ?? own.find((entry) => entry.horizon_frames === 0);
  }

  function methods() {
    const titles = new Map();
    for (const entry of state.run.entries) titles.set(entry.method, entry.title);
    return [...titles].map(([name, title]) => ({ name, title }));
  }

  function horizons() {
    const seconds = new Map();
    for (const entry of state.run.entries) seconds.set(entry.horizon_frames, entry.horizon_s);
    const all = [...seconds].map(([frames, s]) => ({ frames, s })).sort((a, b) => a.frames - b.frames);
    const real = all.filter((horizon) => horizon.frames > 0);
    return real.length ? real : all;
  }

  function setPosition(position) {
    const count = state.run.player_frames.length;
    state.position = ((position % count) + count) % count;
    tell("frame");
  }

  // Loads a script of the assets folder once; resolves with what it hands to receive.
  function load(id, file) {
    if (!requests.has(id)) {
      const request = {};
      request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
      requests.set(id, request);
      const script = document.createElement("script");
      script.src = file;
      script.onerror = () => request.reject(new Error(`${file} is missing: keep the folder "assets" beside this page`));
      document.head.append(script);
    }
    return requests.get(id).promise;
  }

  const receive = (id, content) => requests.get(id).resolve(content);

  function fill(select, options, chosen) {
    for (const { value, text } of options) select.add(new Option(text, value, false, value === chosen));
  }

  function start(run) {
    state.run = run;
    state.method = run.start.method;
    state.horizon = run.start.horizon_frames || horizons()[0].frames;
    state.region = element("region").value;
    const plural = (count) => `${count} frame${count === 1 ? "" : "s"}`;
    fill(element("method"), methods().map(({ name, title }) => ({ value: name, text: title })), state.method);
    fill(
      element("horizon"),
      horizons().map(({ frames, s }) => ({ value: String(frames), text: `${s.toFixed(2)} s (${plural(frames)})` })),
      String(state.horizon),
    );
    for (const [id, key, read] of [["method", "method", String], ["horizon", "horizon", Number], ["region", "region", String]]) {
      element(id).addEventListener("change", (event) => {
        state[key] = read(event.target.value);
        tell("choice");
      });
    }
    element("missing-scripts").hidden = true;
    tell("choice");
    tell("frame");
  }

  return { on, state, element, entryOf, methods, horizons, setPosition, load, receive, start };
})();
