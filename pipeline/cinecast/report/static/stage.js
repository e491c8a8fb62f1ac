"use strict";
// Two frames in one place: swiped, blinked or laid over each other.
const stage = (() => {
  const { element, state } = cinecast;
  const BLINK_MS = 700;
  let mode = "beside";
  let timer = null;
  let isFirst = true;

  const kinds = () => [element("stage-first").value, element("stage-second").value];

  function paintPair(first, second) {
    const [, width] = state.numbers.shape;
    const edge = Math.round((Number(element("swipe").value) / 100) * width);
    const { greyScale, pack } = colours;
    const ways = {
      swipe: (i) => greyScale[i % width < edge ? first[i] : second[i]],
      blink: (i) => greyScale[isFirst ? first[i] : second[i]],
      // Orange where only the first is bright, blue where only the second is, grey where they agree.
      overlay: (i) => pack([first[i], (first[i] + second[i]) >> 1, second[i]]),
    };
    colours.paint(element("stage").querySelector(".base"), ways[mode]);
    const line = element("swipe-line");
    line.hidden = mode !== "swipe";
    line.style.left = `${(100 * edge) / width}%`;
  }

  function words() {
    const [first, second] = kinds().map((kind) => panels.KINDS[kind][0].toLowerCase());
    return {
      swipe: `left of the line: ${first}; right of it: ${second}`,
      blink: `now: ${isFirst ? first : second}`,
      overlay: `orange: brighter in the ${first}; blue: brighter in the ${second}; grey: alike`,
    }[mode];
  }

  function draw() {
    if (mode === "beside" || !view.shown.pictures) return;
    const [first, second] = kinds().map(panels.screen);
    const note = element("stage").querySelector(".no-forecast");
    note.hidden = Boolean(first && second);
    const none = new Uint8Array(state.numbers.shape[0] * state.numbers.shape[1]);
    paintPair(first ?? none, second ?? none);
    element("stage-words").textContent = words();
    element("stage").dataset.shows = mode === "blink" ? kinds()[isFirst ? 0 : 1] : mode;
  }

  function setMode(next) {
    mode = next;
    element("pictures").dataset.mode = mode;
    element("stage").hidden = mode === "beside";
    element("swipe-choice").hidden = mode !== "swipe";
    clearInterval(timer);
    timer = mode === "blink" ? setInterval(() => { isFirst = !isFirst; draw(); }, BLINK_MS) : null;
    cinecast.tell("look");
  }

  // The line follows a finger or the mouse, in steps of the slider.
  function connectDrag() {
    const canvas = element("stage").querySelector(".over");
    const follow = (event) => {
      const { left, width } = canvas.getBoundingClientRect();
      element("swipe").value = Math.round((100 * (event.clientX - left)) / width);
      cinecast.tell("look");
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (!isSwiping()) return;
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (canvas.hasPointerCapture(event.pointerId)) follow(event); });
  }

  cinecast.on("start", () => {
    connectDrag();
    for (const radio of document.querySelectorAll("input[name=view]")) {
      radio.addEventListener("change", () => setMode(radio.value));
    }
    for (const id of ["stage-first", "stage-second", "swipe"]) element(id).addEventListener("input", () => cinecast.tell("look"));
    setMode(document.querySelector("input[name=view]:checked").value);
  });

  // What the lines over the picture belong to.
  const kind = () => (mode === "blink" && !isFirst ? kinds()[1] : kinds()[0]);
  const isSwiping = () => mode === "swipe";
  // What is on show at the same time.
  const shownKinds = () => (mode === "blink" ? [kind()] : kinds());
  return { draw, kind, shownKinds, isSwiping };
})();
