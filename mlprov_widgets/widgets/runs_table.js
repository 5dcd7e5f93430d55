// A table of runs: heads sort, a row opens, a star marks. All text of others is set as text.
function render({ model, el }) {
  el.classList.add("mlprov-runs-table");
  const scroll = document.createElement("div");
  scroll.className = "mlprov-runs-scroll";
  const table = document.createElement("table");
  table.setAttribute("aria-label", "Runs");
  const head = table.createTHead();
  const body = table.createTBody();
  scroll.append(table);
  el.append(scroll);

  const asked = (message) => model.send(message);
  const button = (text, label, click) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", click);
    return made;
  };

  const drawHead = () => {
    table.className = model.get("choosing") ? "" : "mlprov-tickable";
    const row = document.createElement("tr");
    for (const mark of model.get("choosing") ? [] : ["Marked", "Chosen"]) {
      const cell = document.createElement("th");
      const name = document.createElement("span");
      name.className = "mlprov-sr";
      name.textContent = mark;
      cell.append(name);
      row.append(cell);
    }
    for (const column of model.get("columns")) {
      const cell = document.createElement("th");
      cell.scope = "col";
      if (column.number) cell.className = "mlprov-number";
      if (column.sorted) cell.setAttribute("aria-sort", column.sorted);
      const made = button(column.head, "", () => asked({ kind: "sort", name: column.name }));
      if (column.title) made.title = column.title;
      cell.append(made);
      row.append(cell);
    }
    head.replaceChildren(row);
  };

  const drawRow = (run, columns, chosen) => {
    const row = document.createElement("tr");
    row.dataset.status = run.status;
    const star = button(
      run.marked ? "★" : "☆",
      `${run.marked ? "Unmark" : "Mark"} ${run.name}`,
      () => asked({ kind: "mark", id: run.id }),
    );
    star.setAttribute("aria-pressed", String(run.marked));
    star.className = "mlprov-star";
    star.disabled = !run.markable;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = chosen.has(run.id);
    box.setAttribute("aria-label", `Choose ${run.name}`);
    box.addEventListener("change", () => asked({ kind: "choose", id: run.id, on: box.checked }));
    for (const control of model.get("choosing") ? [] : [star, box]) {
      const cell = row.insertCell();
      cell.append(control);
    }
    run.cells.forEach((text, at) => {
      const cell = row.insertCell();
      if (columns[at]?.number) cell.className = "mlprov-number";
      if (columns[at]?.name === "status") cell.className = "mlprov-run-status";
      if (at === 0) {
        const open = button(text || run.name, `Open ${run.name}`, () =>
          asked({ kind: "open", id: run.id }),
        );
        open.className = "mlprov-open";
        cell.append(open);
      } else {
        cell.textContent = text;
      }
      if (text.length > 24) cell.title = text;
    });
    if (run.about) row.title = run.about;
    return row;
  };

  const drawBody = () => {
    const columns = model.get("columns");
    const chosen = new Set(model.get("chosen"));
    const focused = body.contains(document.activeElement)
      ? document.activeElement.getAttribute("aria-label")
      : "";
    body.replaceChildren(...model.get("rows").map((run) => drawRow(run, columns, chosen)));
    if (focused) {
      const same = (one) => one.getAttribute("aria-label") === focused;
      [...body.querySelectorAll("button, input")].find(same)?.focus();
    }
  };
  const draw = () => {
    drawHead();
    drawBody();
  };
  draw();
  const events = ["change:columns", "change:rows", "change:chosen"];
  const redraw = { "change:columns": draw, "change:rows": drawBody, "change:chosen": drawBody };
  for (const event of events) model.on(event, redraw[event]);
  return () => {
    for (const event of events) model.off(event, redraw[event]);
  };
}

export default { render };
