"use strict";
// The frames in which the forecast of a target is furthest off, worst first, each with a way to it.
(() => {
  const { element, state } = cinecast;
  if (!element("worst")) return; // no target
  const COUNT = 10;

  // Test frames with scores, the missed ones first, then by what is chosen.
  function worst(own) {
    const by = element("worst-by").value;
    const all = targets.testFrames().map((frame, i) => ({ frame, missed: own.places[i] === targets.MISSED, ...Object.fromEntries(Object.entries(own.scores).map(([metric, values]) => [metric, values[i]])) }));
    const badness = (each) => (by === "dice" ? -each.dice : each[by]);
    return all.filter(({ dice }) => dice !== null && dice !== undefined)
      .sort((a, b) => b.missed - a.missed || badness(b) - badness(a) || a.frame - b.frame).slice(0, COUNT);
  }

  function wayTo({ frame }) {
    const time = state.numbers.times_s[frame];
    const { player_frames: frames, times_s: times } = state.numbers;
    const nearest = frames.reduce((best, each) => (Math.abs(times[each] - time) < Math.abs(times[best] - time) ? each : best), frames[0]);
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: nearest === frame ? "Show" : `Show ${nearest}, the nearest in the player` });
    button.setAttribute("aria-label", nearest === frame ? `Show frame ${frame} in the player` : `Show frame ${nearest}, the one in the player that is nearest to ${frame}`);
    button.addEventListener("click", () => {
      cinecast.goToTime(time);
      element("player-heading").scrollIntoView();
    });
    return button;
  }

  function rowOf(each) {
    const row = document.createElement("tr");
    const text = (content) => Object.assign(document.createElement("td"), { textContent: content });
    const head = Object.assign(document.createElement("th"), { scope: "row", className: "text", textContent: each.frame });
    const way = Object.assign(document.createElement("td"), { className: "text" });
    way.append(wayTo(each));
    const distances = ["centroid_mm", "hd95_mm"].map((metric) => text(each.missed ? "missed" : each[metric].toFixed(2)));
    row.append(head, text(state.numbers.times_s[each.frame].toFixed(2)), ...distances, text(each.dice.toFixed(3)), way);
    return row;
  }

  function draw() {
    const own = targets.shown() && targets.forecastOf(state.target, false);
    const rows = own?.scores.dice ? worst(own) : [];
    const { main } = view.shown;
    element("worst-words").textContent = rows.length ? `of ${main.entry.title}, ${main.entry.horizon_s.toFixed(2)} s ahead${main.entry.runs > 1 ? `, run ${state.sample + 1}` : ""}` : "no scored frame for what is chosen";
    element("worst").tBodies[0].replaceChildren(...rows.map(rowOf));
  }

  element("worst-by").addEventListener("change", draw);
  cinecast.on("target", draw);
  view.whenOther(() => [view.shown.main?.entry.id, state.sample, Boolean(targets.shown())].join(), draw);
})();
