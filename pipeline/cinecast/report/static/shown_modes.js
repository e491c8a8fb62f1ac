"use strict";
// How many modes are shown: those that explain nearly all of the motion, or, unfolded, all of them.
const shownModes = (() => {
  const { element, state } = cinecast;
  const BUTTONS = ["more-modes", "more-weights"];
  state.allModes = false;

  const count = ({ few, modes }) => (state.allModes ? modes : few);

  function label(id, { few, modes }) {
    const button = element(id);
    button.hidden = few === modes;
    button.textContent = state.allModes ? `Only the first ${few === 1 ? "mode" : `${few} modes`}` : `${modes - few} more modes`;
    button.setAttribute("aria-expanded", state.allModes);
  }

  cinecast.on("start", () => {
    for (const id of BUTTONS) element(id)?.addEventListener("click", () => cinecast.change("look", { allModes: !state.allModes }));
  });
  return { count, label };
})();
