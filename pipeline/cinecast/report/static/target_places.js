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
      return own && { name: charts.nameOf(of.entry), places: own.places, look: { color: colour, dash, width: 1.8 } };
    };
    const isApart = view.measuredApart() && state.ruler !== "labels";
    return [
      realLine(view.flowNumber(), state.ruler === "labels" ? "real (labels)" : "real (measured motion)", { color: css("--text"), width: 1.6 }),
      isApart && realLine(other.flowNumber, "real, second method's run", { color: css("--text"), width: 1.4, dash: "dot" }),
      forecastLine(main, false), forecastLine(other, true),
    ].filter(Boolean);
  }

  // Crosses on the plan's line mark frames in which the target was outside the image: there is no place to draw.
  function crosses({ name, places, look }, x, axes) {
    const missed = places.map((place) => (place === targets.MISSED ? 0 : null));
    if (!missed.includes(0)) return [];
    return axes.map((_, n) => ({
      x, y: missed, yaxis: n ? `y${n + 1}` : "y", mode: "markers", name: `missed: ${name}`, showlegend: n === 0, legendgroup: `missed ${name}`,
      marker: { symbol: "x", size: 8, color: look.color }, hovertemplate: "outside the image",
    }));
  }

  // The plan's own place, and the window that the beam may be on in, where a run has one.
  function shapes(axes) {
    const { margin_mm: margin } = targets.shown();
    return axes.flatMap((_, n) => {
      const where = { xref: "paper", x0: 0, x1: 1, yref: n ? `y${n + 1}` : "y", layer: "below" };
      const plan = { ...where, type: "line", y0: 0, y1: 0, line: { color: css("--muted"), width: 1.2, dash: "dash" } };
      return margin ? [{ ...where, type: "rect", y0: -margin, y1: margin, fillcolor: css("--span-train"), line: { width: 0 } }, plan] : [plan];
    });
  }

  async function draw() {
    const { axes } = targets.shown();
    const x = targets.testFrames().map((frame) => times()[frame]);
    const all = lines();
    const mode = x.length > 1 ? "lines" : "markers";
    const traces = all.flatMap((line, i) => [
      ...axes.map(({ direction }, n) => ({
        x, y: along(line.places, direction), yaxis: n ? `y${n + 1}` : "y", name: line.name, mode, line: line.look, marker: { color: line.look.color },
        connectgaps: false, legendgroup: `${i}`, showlegend: n === 0, hovertemplate: "%{y:.2f} mm",
      })),
      ...crosses(line, x, axes),
    ]);
    const panels = axes.map(({ title }) => ({ title: `${title}, from the plan (dashed)`, unit: "mm" }));
    await charts.draw("place-chart", traces, charts.stacked(panels, x, { shapes: shapes(axes) }));
    element("place-chart").dataset.shows = shownNow();
  }

  const shownNow = () => [state.target, state.ruler, view.shown.main?.entry.id, view.shown.other?.entry.id, state.sample].join();
  const redraw = () => { if (targets.shown()) charts.later("places", draw); };
  let drawn = "";
  cinecast.on("look", () => {
    if (targets.shown() && shownNow() !== drawn) redraw();
    drawn = targets.shown() ? shownNow() : "";
  });
  for (const event of ["target", "theme"]) cinecast.on(event, redraw);
})();
