"use strict";
// The table of scores: sorted by a click on a heading, for the chosen region, with the main or all columns.
(() => {
  const { element } = cinecast;
  const table = element("scores");

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
  cinecast.on("choice", ({ region, method }) => {
    for (const row of table.tBodies[0].rows) {
      row.hidden = row.dataset.region !== region;
      row.classList.toggle("chosen", row.dataset.method === method);
    }
    rule();
  });
})();
