"use strict";
// Tables: sorted by a click on a heading, for the chosen region, with the main or all columns; copied as text.
// They stand below what is shown first, and are read after it.
const connectTables = () => {
  const { element, state } = cinecast;
  const table = element("scores");

  // As spreadsheets take it: cells apart by tabs, what is hidden left out.
  function asText(source) {
    if (!source.rows) return element(`${source.id}-plain`).textContent;
    const shown = (node) => node.offsetParent !== null;
    return [...source.rows].filter(shown).map((row) => [...row.cells].filter(shown)
      .map((cell) => cell.innerText.replace(/\s+/g, " ").trim()).join("\t")).join("\n");
  }

  // The clipboard of pages from disk may be closed to scripts; a selected text area is not.
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.addEventListener("click", async () => {
      const text = asText(element(button.dataset.copies));
      await copy(text);
      const status = button.nextElementSibling;
      status.textContent = `${text.split("\n").length} lines copied`;
    });
  }

  if (!table) return;

  function compare(a, b) {
    const [x, y] = [a, b].map((cell) => (cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value)));
    return typeof x === "string" ? x.localeCompare(y) : x - y;
  }

  function sort(heading) {
    const descending = heading.getAttribute("aria-sort") === "ascending";
    const column = heading.cellIndex;
    const isMissing = (row) => row.cells[column].dataset.value === "nan";
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((a, b) => {
      if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b); // what has no score stays last
      return (descending ? -1 : 1) * compare(a.cells[column], b.cells[column]);
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    body.replaceChildren(...rows);
    rule();
  }

  // A line between horizons, while rows are in their order.
  function rule() {
    let before = null;
    const byHorizon = table.tHead.rows[0].cells[2].hasAttribute("aria-sort");
    for (const row of table.tBodies[0].rows) {
      if (row.hidden) continue;
      row.classList.toggle("new-horizon", byHorizon && before !== null && row.dataset.horizon !== before);
      before = row.dataset.horizon;
    }
  }

  for (const heading of table.tHead.rows[0].cells) {
    heading.querySelector("button").addEventListener("click", () => sort(heading));
  }
  element("columns").addEventListener("change", (event) => table.classList.toggle("main", event.target.value === "main"));
  element("rows").addEventListener("change", filter);

  function filter() {
    const { method, horizon } = state;
    // Errors at the landmarks stand in the rows of every region.
    const region = state.region === "landmarks" ? table.dataset.region : state.region;
    const all = element("rows").value === "all";
    for (const row of table.tBodies[0].rows) {
      row.hidden = row.dataset.region !== region || !(all || Number(row.dataset.horizon) === horizon);
      row.classList.toggle("chosen", row.dataset.method === method);
    }
    rule();
  }
  cinecast.on("choice", filter);
  if (state.numbers) filter(); // the first choice was made before
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", connectTables);
else connectTables();
