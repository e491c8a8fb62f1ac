"use strict";
// What is chosen stands in the address, behind the #: a link shows what its sender saw. Values that the page does not
// have are passed over. All of it goes through the controls of the page, so that an address can do no more than a reader.
(() => {
  const { element, state } = cinecast;
  const WAIT_MS = 250; // browsers refuse addresses that change more often than a few times in a second

  const find = (selector) => document.querySelector(selector);
  const frames = () => state.numbers.player_frames;
  const isWhole = (text) => /^\d{1,9}$/.test(text);

  function select(selector, event = "change") {
    return {
      isThere: () => Boolean(find(selector)),
      read: () => find(selector).value,
      isValid: (text) => [...find(selector).options].some(({ value }) => value === text),
      set: (text) => {
        find(selector).value = text;
        find(selector).dispatchEvent(new Event(event, { bubbles: true }));
      },
    };
  }

  // A slider or a field of whole numbers; it says itself which are allowed.
  function number(selector, event) {
    const within = (text) => isWhole(text) && Number(text) >= Number(find(selector).min) && Number(text) <= Number(find(selector).max);
    return { ...select(selector, event), isValid: within };
  }

  function box(selector) {
    return {
      ...select(selector),
      read: () => (find(selector).checked ? "on" : "off"),
      isValid: (text) => text === "on" || text === "off",
      set: (text) => { if ((text === "on") !== find(selector).checked) find(selector).click(); },
    };
  }

  const view = {
    isThere: () => true,
    read: () => find("input[name=view]:checked").value,
    isValid: (text) => [...document.querySelectorAll("input[name=view]")].some(({ value }) => value === text),
    set: (text) => { find(`input[name=view][value=${text}]`).click(); },
  };

  // A frame by its number in the recording; the nearest one that the player has would be another, and is not taken.
  const frame = {
    isThere: () => true,
    read: () => String(frames()[state.position]),
    isValid: (text) => isWhole(text) && frames().includes(Number(text)),
    set: (text) => cinecast.setPosition(frames().indexOf(Number(text))),
  };

  const unfolded = {
    isThere: () => Boolean(find("#more-modes")),
    read: () => (state.allModes ? "all" : "few"),
    isValid: (text) => text === "all" || text === "few",
    set: (text) => cinecast.change("look", { allModes: text === "all" }),
  };

  // In the order in which they are set: what a list offers depends on those before it.
  const CONTROLS = {
    method: select("#method"), horizon: select("#horizon"), run: select("#sample"), second: select("#second"), region: select("#region"),
    frame, view, first: select("#stage-first", "input"), other: select("#stage-second", "input"),
    ...Object.fromEntries([1, 2, 3, 4].map((panel) => [`picture${panel}`, select(`#panel-${panel} select`)])),
    arrows: box("#show-arrows"), grid: box("#show-grid"),
    row: number("#pixel-row"), column: number("#pixel-column"), landmark: select("#landmark"),
    target: select("#target"), ruler: select("#target-ruler"),
    along: select("#line-along"), line: number("#line-at", "input"), map: select("#mmode-map"), modes: unfolded,
  };
  const ALWAYS = ["method", "horizon", "frame"];
  let defaults = null;

  const isThere = (name) => CONTROLS[name].isThere();
  const readAll = () => Object.fromEntries(Object.keys(CONTROLS).filter(isThere).map((name) => [name, CONTROLS[name].read()]));

  // What is as it was at first is left out, so that a later report of the run may begin with what is best then.
  function text() {
    const now = readAll();
    const pictures = now.second ? (name) => name.startsWith("picture") : () => false; // a second method moves them
    const told = Object.entries(now).filter(([name, value]) => ALWAYS.includes(name) || value !== defaults[name] || pictures(name));
    return `#${new URLSearchParams(told)}`;
  }

  let timer = null;
  function later() {
    if (defaults && !timer) timer = setTimeout(write, WAIT_MS);
  }
  function write() {
    timer = null;
    if (location.hash === text()) return;
    try {
      history.replaceState(null, "", text());
    } catch {
      // A page in a frame without an address of its own: then there is nothing to write to.
    }
  }

  function set(name, value) {
    if (value !== undefined && isThere(name) && CONTROLS[name].isValid(value) && CONTROLS[name].read() !== value) CONTROLS[name].set(value);
  }

  // An address without "=" names a part of the page, which the browser goes to itself.
  const isChoice = () => location.hash.includes("=");
  function apply(others) {
    const told = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    for (const name of Object.keys(CONTROLS)) set(name, told[name] ?? others[name]);
  }

  // Links to parts of the page keep the choice in the address. Each is a step that Back takes back.
  function goTo(event) {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    write();
    history.pushState(null, "", location.hash);
    const part = element(link.hash.slice(1));
    part.tabIndex = -1; // so that the next press of the tab key goes on from there
    part.focus({ preventScroll: true });
    part.scrollIntoView();
  }

  cinecast.on("start", () => {
    defaults = readAll();
    if (isChoice()) apply({});
    document.addEventListener("click", goTo);
    addEventListener("hashchange", () => { if (isChoice()) apply(defaults); });
    for (const event of ["change", "input", "click"]) document.addEventListener(event, later);
  });
  for (const event of ["choice", "frame", "pixel", "line", "landmark", "target"]) cinecast.on(event, later);
})();
