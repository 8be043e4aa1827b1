// A click on a title sorts the table by that column, a second one the other way round.
document.querySelectorAll("th").forEach((title) => {
  title.addEventListener("click", () => {
    const column = title.cellIndex;
    const body = title.closest("table").tBodies[0];
    const descending = title.getAttribute("aria-sort") === "ascending";
    const key = (row) => {
      const cell = row.cells[column];
      return cell === undefined ? "" : cell.dataset.key ?? cell.textContent;
    };
    const compare = (one, other) =>
      key(one).localeCompare(key(other), "en", { numeric: false });
    const number = (one, other) => Number(key(one)) - Number(key(other));
    const rows = Array.from(body.rows);
    const numeric = rows.every((row) => !Number.isNaN(Number(key(row))));
    rows.sort(numeric ? number : compare);
    if (descending) rows.reverse();
    title.closest("tr").querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
    title.setAttribute("aria-sort", descending ? "descending" : "ascending");
    body.append(...rows);
  });
});
