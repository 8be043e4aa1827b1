// Dragging along an axis keeps the trials whose lines pass there; a click on it keeps all again. Lines and
// rows of one trial, which carry its number, light up together.
{
  const figure = document.querySelector(".parallel svg");
  const lines = Array.from(figure.querySelectorAll("polyline"));
  const reaches = Array.from(figure.querySelectorAll("rect.reach"));
  const brushes = Array.from(figure.querySelectorAll("rect.brush"));
  const rows = new Map();
  document.querySelectorAll("#trials tbody tr").forEach((row) => {
    rows.set(row.cells[0].dataset.key, row);
  });
  const row = (line) => rows.get(line.dataset.trial);
  const kept = reaches.map(() => null);
  const note = document.querySelector(".kept");
  const help = note.textContent;

  const passes = (line) => kept.every((range, axis) => {
    if (range === null) return true;
    if (axis >= line.points.numberOfItems) return false;
    const y = line.points.getItem(axis).y;
    return y >= range[0] - 0.5 ? range[1] + 0.5 >= y : false;
  });
  const show = () => {
    let count = 0;
    lines.forEach((line) => {
      const isKept = passes(line);
      count += isKept ? 1 : 0;
      line.classList.toggle("out", !isKept);
      row(line).hidden = !isKept;
    });
    brushes.forEach((brush, axis) => {
      const [top, bottom] = kept[axis] ?? [0, 0];
      brush.setAttribute("y", top);
      brush.setAttribute("height", bottom - top);
    });
    const isAll = kept.every((range) => range === null);
    note.textContent = isAll ? help : `${count} of ${lines.length} trials are kept. ${help}`;
  };

  reaches.forEach((reach, axis) => {
    const [top, height] = ["y", "height"].map((name) => Number(reach.getAttribute(name)));
    const place = (event) => {
      const box = reach.getBoundingClientRect();
      const y = top + height * (event.clientY - box.top) / box.height;
      return Math.min(Math.max(y, top), top + height);
    };
    let from = null;
    reach.addEventListener("pointerdown", (event) => {
      reach.setPointerCapture(event.pointerId);
      from = place(event);
      kept[axis] = null;
      show();
    });
    reach.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const to = place(event);
      const isDragged = Math.abs(to - from) > 2;
      kept[axis] = isDragged ? [Math.min(from, to), Math.max(from, to)] : null;
      show();
    });
    ["pointerup", "pointercancel"].forEach((name) => {
      reach.addEventListener(name, () => { from = null; });
    });
  });

  lines.forEach((line) => {
    const light = (isOn) => [line, row(line)].forEach((own) => own.classList.toggle("lit", isOn));
    [line, row(line)].forEach((own) => {
      own.addEventListener("pointerenter", () => light(true));
      own.addEventListener("pointerleave", () => light(false));
    });
  });
}
