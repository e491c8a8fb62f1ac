"use strict";
// Where the centroid of a target is over the test frames, from that of the plan: real, and as it was forecast.
(() => {
  const { element, state } = cinecast;
  const { css, times } = charts;
  if (!element("place-chart")) return; // no target

  const along = (places, [x, y]) => places.map((place) => (Array.isArray(place) ? place[0] * x + place[1] * y : null));

  // Of the chosen target: name, look and places of each line that is drawn.
  function lines() {
    const { main, other } = view.shown;
    const realLine = (flow, name, look) => {
      const own = targets.realOf(targets.chosen(), flow);
      return own && { name, places: own.places[0], look };
    };
    const forecastLine = (of, isSecond) => {
      const own = of && targets.forecastOf(state.target, isSecond);
      const { colour, dash } = of ? charts.styleOf(of.entry.method) : {};
      return own && { name: charts.nameOf(of.entry), places: own.places, look: { colour, dash, width: 1.8 } };
    };
    const isApart = view.measuredApart() && state.ruler !== "labels";
    return [
      realLine(view.flowNumber(), state.ruler === "labels" ? "real (labels)" : "real (measured motion)", { colour: css("--text"), width: 1.6 }),
      isApart && realLine(other.flowNumber, "real, second method's run", { colour: css("--text"), width: 1.4, dash: "dot" }),
      forecastLine(main, false), forecastLine(other, true),
    ].filter(Boolean);
  }

  // Crosses on the plan's line mark frames in which the target was outside the image: there is no place to draw.
  function crosses({ name, places, look }, x) {
    const missed = places.map((place) => (place === targets.MISSED ? 0 : null));
    if (!missed.includes(0)) return [];
    return [{ name: `missed: ${name}`, x, y: missed, bare: true, mark: "x", colour: look.colour, say: () => "outside the image" }];
  }

  // The plan's own place is a line, and the window that the beam may be on in, where a run has one, an area.
  function draw() {
    const { axes, margin_mm: margin } = targets.shown();
    const x = targets.testFrames().map((frame) => times()[frame]);
    const all = lines();
    const panels = axes.map(({ title, direction }) => ({
      title: `${title}, from the plan (dashed)`, x: charts.overTime(x), y: { label: "mm" },
      areas: margin ? [{ y: [-margin, margin], fill: css("--span-train") }] : [],
      rules: [{ y: 0, colour: css("--muted"), dash: "dash" }],
      lines: all.flatMap((line, i) => [
        { name: line.name, group: String(i), x, y: along(line.places, direction), ...line.look, say: charts.toDigits(2, "mm") }, ...crosses(line, x),
      ]),
    }));
    charts.draw("place-chart", { panels, height: 138, isStacked: true });
    element("place-chart").dataset.shows = shownNow();
  }

  const shownNow = () => [state.target, state.ruler, view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join();
  const redraw = () => { if (targets.shown()) cinecast.later("places", draw); };
  view.whenOther(() => (targets.shown() ? shownNow() : ""), redraw);
  for (const event of ["target", "theme"]) cinecast.on(event, redraw);
})();
