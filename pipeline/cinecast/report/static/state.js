"use strict";
// The run's numbers, what is chosen, and who wants to know when that changes.
// Data arrives through script tags that call cinecast.start and cinecast.receive: fetch does not work on file://.
const cinecast = (() => {
  // choice: another method, horizon, run or region. frame: another frame. look: the same in other colours or with
  // other lines. pixel, line, landmark: another pixel, line or landmark is followed. target: another target, or another
  // ruler for it, is shown. theme: dark or light.
  const listeners = { start: [], choice: [], frame: [], look: [], pixel: [], line: [], landmark: [], target: [], theme: [] };
  const requests = new Map();
  const state = {
    numbers: null, method: "", second: "", horizon: 0, sample: 0, region: "", position: 0, pixel: null, line: null, landmark: 0, target: 0, ruler: "",
    window: [0, 1], differencePercent: 100, errorLimit: 10,
  };

  const on = (event, listener) => listeners[event].push(listener);
  const tell = (event) => listeners[event].forEach((listener) => listener(state));
  const element = (id) => document.getElementById(id);
  const entries = () => state.numbers.entries;

  // The frame at which the forecast of a test frame was issued; -1 for none, as frames are missing before it.
  function issuedAt(entry, frame) {
    return entry.issued ? entry.issued[frame - state.numbers.split[1]] : frame - entry.horizon_frames;
  }

  const missesFrames = () => entries().some((entry) => entry.issued);

  // The entry of a method at the chosen horizon. The oracle has one entry, with a horizon of no frames, for all.
  function entryOf(method, horizon = state.horizon) {
    const own = entries().filter((entry) => entry.method === method);
    return own.find((entry) => entry.horizon_frames === horizon) ?? own.find((entry) => entry.horizon_frames === 0);
  }

  // Numbers of the test frames without those that no method at the chosen horizon is scored on, as frames are missing.
  // The oracle has numbers of these too; means over them would be of other frames than those of the methods.
  function ofScored(entry, values) {
    const leftOut = new Set(entry.left_out[state.horizon]);
    return leftOut.size ? values.map((value, i) => (leftOut.has(i) ? null : value)) : values;
  }

  function methods() {
    const found = new Map();
    for (const { method, title, reference } of entries()) found.set(method, { name: method, title, reference });
    return [...found.values()];
  }

  function horizons() {
    const seconds = new Map();
    for (const entry of entries()) seconds.set(entry.horizon_frames, entry.horizon_s);
    const all = [...seconds].map(([frames, s]) => ({ frames, s })).sort((a, b) => a.frames - b.frames);
    const real = all.filter((horizon) => horizon.frames > 0);
    return real.length ? real : all;
  }

  function setPosition(position) {
    const count = state.numbers.player_frames.length;
    state.position = ((position % count) + count) % count;
    tell("frame");
  }

  // The shown frame nearest to a time.
  function goToTime(time) {
    const { times_s, player_frames: frames } = state.numbers;
    const distance = (frame) => Math.abs(times_s[frame] - time);
    setPosition(frames.reduce((best, frame, i) => (distance(frame) < distance(frames[best]) ? i : best), 0));
  }

  function change(event, values) {
    Object.assign(state, values);
    tell(event);
  }

  // Loads a script of the assets folder once; resolves with what it hands to receive.
  function load(id) {
    if (!requests.has(id)) {
      const request = {};
      const file = `assets/${id}.js`;
      request.promise = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
      requests.set(id, request);
      const script = document.createElement("script");
      script.src = file;
      script.onerror = () => request.reject(new Error(`${file} is missing: keep the folder "assets" beside this page`));
      script.onload = () => request.reject(new Error(`${file} is damaged: write the report again`)); // else it has arrived
      document.head.append(script);
    }
    return requests.get(id).promise;
  }

  function receive(id, content) {
    unpack.begin(content);
    requests.get(id).resolve(content);
  }

  // Draws what is below one after another, each only once for all the changes until then; the page answers between.
  const waiting = new Map();
  const AT_ONCE_MS = 80; // every pause costs a layout of the page
  let isHeld = true; // until the first pictures are shown
  function later(name, draw) {
    const isFirst = waiting.size === 0;
    delete document.documentElement.dataset.ready;
    waiting.set(name, { draw });
    if (isFirst && !isHeld) setTimeout(drawNext);
  }
  function release() {
    if (isHeld && waiting.size) setTimeout(drawNext);
    isHeld = false;
  }
  async function drawNext() {
    const until = performance.now() + AT_ONCE_MS;
    do {
      const [name, request] = waiting.entries().next().value;
      try {
        await request.draw();
      } catch (error) {
        console.error(error); // the others are drawn all the same
      }
      if (waiting.get(name) === request) waiting.delete(name); // else there was a change meanwhile
    } while (waiting.size && performance.now() < until);
    if (waiting.size) setTimeout(drawNext);
    else if (!element("pictures").hasAttribute("aria-busy")) isDrawn();
  }
  function isDrawn() {
    delete document.documentElement.dataset.opening;
    document.documentElement.dataset.ready = "true";
  }

  function start(numbers) {
    const first = numbers.start;
    Object.assign(state, {
      numbers,
      method: first?.method ?? "",
      region: element("region").value,
      window: [...numbers.window],
      differencePercent: numbers.limit_percent,
      errorLimit: numbers.limit_mm,
      line: { along: "column", at: numbers.line },
    });
    if (first) state.horizon = first.horizon_frames || horizons()[0].frames;
    element("missing-scripts").hidden = true;
    tell("start");
    tell("choice");
  }

  document.documentElement.dataset.opening = "true"; // without scripts, nothing is held back
  // What is shown first is loaded while the rest of the page is still read.
  for (const id of document.currentScript.dataset.first.split(" ")) load(id).catch(() => {}); // said when it is shown

  return { on, tell, change, state, element, entryOf, issuedAt, missesFrames, ofScored, methods, horizons, setPosition, goToTime, load, receive, later, release, start };
})();
