"use strict";
// Charts of all pages: panels beside or above each other, the key of their lines, what lies under the mouse, zoom, a picture to save.
const plots = (() => {
  // Colours are asked for again and again, and each time the browser would look whether the page has changed.
  const known = new Map();
  function css(name) {
    const root = document.documentElement;
    const key = `${root.dataset.theme} ${name}`;
    if (!known.has(key)) known.set(key, getComputedStyle(root).getPropertyValue(name).trim());
    return known.get(key);
  }

  const make = (tag, className, more) => Object.assign(document.createElement(tag), { className, ...more });

  // The panels of each chart, as uPlot draws them; "of" gives those that are on the page now.
  const drawnOn = new WeakMap();
  const of = (element) => drawnOn.get(element) ?? [];

  // The key: a button for each line, or group of lines, that switches it in all panels -----------------------------

  const groupOf = ({ group, name }) => group ?? name;

  function keyOf(element, off) {
    const groups = new Map();
    for (const line of of(element).flatMap(({ drawn }) => drawn)) {
      if (line.name && !line.unlisted && !groups.has(groupOf(line))) groups.set(groupOf(line), line);
    }
    const list = make("div", "chart-key", { role: "group", ariaLabel: "Lines of the chart" });
    if (groups.size < 2) return list;
    for (const [group, line] of groups) {
      const button = make("button", "chart-key-entry", { type: "button", ariaPressed: "true" });
      button.append(marks.sample(line), line.name);
      const press = () => {
        button.ariaPressed = String(button.ariaPressed !== "true");
        for (const u of of(element)) {
          u.drawn.forEach((each, i) => { if (groupOf(each) === group) u.setSeries(i + 1, { show: button.ariaPressed === "true" }); });
        }
      };
      button.addEventListener("click", press);
      if (off.has(line.name)) press();
      list.append(button);
    }
    return list;
  }

  // What lies under the mouse --------------------------------------------------------------------------------------

  // A value with the digits that tell it from its neighbours on an axis, and four at least.
  function words(value, { min, max }) {
    const fine = (max - min) / 1000;
    const digits = value && fine > 0 ? Math.ceil(Math.log10(Math.abs(value) / fine)) : 4;
    return String(+value.toPrecision(Math.min(Math.max(digits, 4), 12)));
  }

  function fillReading(reading, u, panel) {
    const { idx, left, top } = u.cursor;
    const rows = idx === null || idx === undefined || left < 0 ? [] : u.drawn.map((line, i) => ({ line, value: u.data[i + 1][idx], shown: u.series[i + 1].show }))
      .filter(({ line, value, shown }) => shown && line.name && line.say !== null && !line.isEdge && value !== null && value !== undefined);
    reading.hidden = !rows.length;
    if (!rows.length) return;
    const { x: along, y: up } = u.scales;
    const head = make("b", "", { textContent: (panel.x.say ?? words)(u.data[0][idx], along) });
    reading.replaceChildren(head, ...rows.map(({ line, value }) => {
      const row = make("div", "chart-reading-row");
      const half = line.half?.[line.x.indexOf(u.data[0][idx])];
      const say = line.say ?? words;
      row.append(marks.sample(line), `${line.name}: ${say(value, up)}${half ? ` ± ${say(half, up)}` : ""}`);
      return row;
    }));
    // Beside the mouse, on the side that has room.
    const [own, around] = [u.over.getBoundingClientRect(), reading.parentElement.getBoundingClientRect()];
    const [x, y] = [own.left - around.left + left, own.top - around.top + top];
    reading.style.left = "0"; // it is as wide there as its text
    const isRight = x + 20 + reading.offsetWidth > around.width;
    reading.style.left = `${Math.max(0, isRight ? x - 14 - reading.offsetWidth : x + 14)}px`;
    reading.style.top = `${Math.max(0, y - reading.offsetHeight / 2)}px`;
  }

  // Zoom ------------------------------------------------------------------------------------------------------------

  const ends = ({ scales: { x } }) => [x.min, x.max];
  const showAll = (u) => { if (u.data[0].length) u.setScale("x", { min: u.data[0][0], max: u.data[0].at(-1) }); };

  // Panels that share x show the same part of it.
  function onZoom(element, u, isLinked) {
    if (!u.whole) return; // not drawn yet
    const [min, max] = ends(u);
    if (isLinked) {
      for (const other of of(element)) {
        if (other !== u && (other.scales.x.min !== min || other.scales.x.max !== max)) other.setScale("x", { min, max });
      }
    }
    chosenOf.get(element)[of(element).indexOf(u)] = isSame(ends(u), u.whole) ? undefined : { whole: u.whole, part: ends(u) };
    element.querySelector(".chart-whole").hidden = of(element).every((each) => isSame(ends(each), each.whole));
  }

  const isSame = (one, other) => one.every((end, i) => end === other[i]);

  // The part of x that a reader has chosen of each panel of a chart, and the whole that it is a part of.
  const chosenOf = new WeakMap();

  // It is shown again in a chart that is drawn anew, where x reaches from the same value to the same value.
  function showChosen(element) {
    of(element).forEach((u, i) => {
      const { whole, part } = chosenOf.get(element)[i] ?? {};
      if (part && u.whole && isSame(whole, u.whole)) u.setScale("x", { min: part[0], max: part[1] });
    });
  }

  const switchedOff = (element) => new Set(Array.from(element.querySelectorAll(".chart-key-entry[aria-pressed=false]"), ({ textContent }) => textContent));

  // Panels that share x begin at the same place, beside the longest number of all of them.
  function alignPanels(element, { bbox: { left } }) {
    for (const other of of(element)) if (other.bbox.left < left) other.redraw(false, true);
  }

  // A click, and not the end of a drag over the chart: the value of x there.
  const STILL_PX = 4;
  function listenToClicks({ over, posToVal }, onClick) {
    let down = 0;
    over.addEventListener("mousedown", ({ clientX }) => { down = clientX; });
    over.addEventListener("click", ({ clientX }) => {
      if (Math.abs(clientX - down) < STILL_PX) onClick(posToVal(clientX - over.getBoundingClientRect().left, "x"));
    });
    over.classList.add("clickable");
  }

  // Drawing ---------------------------------------------------------------------------------------------------------

  const tellShape = (place, { width, height }) => place.style.setProperty("--drawn", `${width} / ${height}`); // to the style sheet, for paper

  const widths = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const u = of(target.closest(".chart")).find(({ root }) => root.parentElement === target);
      if (!u || !target.clientWidth || u.width === target.clientWidth) continue;
      u.setSize({ width: target.clientWidth, height: u.height });
      tellShape(target, u);
    }
  });

  // Draws a chart anew, with what a reader had switched off or chosen of x before. It hears "draw" whenever its last panel has
  // been drawn, after a zoom too: { panels, height, columns, isStacked, hasKey, onClick }.
  //   height     of the lines of a panel in pixels
  //   columns    panels side by side; on a phone there is one
  //   isStacked  panels share x, which is written below the last one
  //   onClick    takes the value of x under the mouse
  function draw(element, { panels, height, columns = 1, isStacked = false, hasKey = true, onClick }) {
    const off = switchedOff(element);
    if (!chosenOf.has(element)) chosenOf.set(element, []);
    for (const u of of(element)) u.destroy();
    const tools = make("div", "chart-tools");
    const whole = make("button", "chart-whole", { type: "button", textContent: "Whole range", hidden: true });
    const save = make("button", "chart-save", { type: "button", textContent: "Save as PNG" });
    whole.addEventListener("click", () => of(element).forEach(showAll));
    save.addEventListener("click", () => plotPicture.save(element));
    tools.append(whole, save);
    const reading = make("div", "chart-reading", { hidden: true });
    const grid = make("div", "chart-panels");
    grid.style.setProperty("--columns", columns);
    const places = panels.map(({ title }) => {
      const figure = make("div", "chart-panel");
      if (title) figure.append(make("p", "chart-title", { textContent: title }));
      return figure.appendChild(make("div", "chart-plot"));
    });
    grid.append(...places.map((place) => place.parentElement));
    element.replaceChildren(grid, reading);
    const widthsNow = places.map(({ clientWidth }) => clientWidth); // read before anything is drawn: each look after that is a layout of the page
    const link = isStacked && panels.length > 1 ? element.id : undefined;
    const shared = {};
    const drawn = panels.map((panel, i) => plotPanel.draw(panel, places[i], {
      width: widthsNow[i], height, link, room: link ? shared : {}, isLast: !isStacked || i === panels.length - 1,
      onCursor: (u) => { if (u.cursor.event) fillReading(reading, u, panel); },
      onZoom: (u) => onZoom(element, u, link),
      onDraw: (u) => {
        const isNew = !u.whole;
        u.whole ??= ends(u);
        if (link) alignPanels(element, u);
        if (i < panels.length - 1) return;
        if (isNew) queueMicrotask(() => showChosen(element)); // what is asked of uPlot while it draws is forgotten
        element.dispatchEvent(new Event("draw"));
      },
    }));
    drawnOn.set(element, drawn);
    const head = make("div", "chart-head");
    head.append(hasKey ? keyOf(element, off) : make("div", "chart-key"), tools);
    element.prepend(head);
    drawn.forEach((u, i) => {
      tellShape(places[i], u);
      if (onClick) listenToClicks(u, onClick);
      widths.observe(places[i]);
    });
    element.classList.add("drawn");
  }

  return { css, draw, of, words };
})();
