// The rows of the last query as a table.

const place = document.getElementById("result");

export function show({ columns, rows }) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.classList.toggle("number", column.is_number);
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = column.type;
    cell.append(column.name, kind);
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, index) => {
      const cell = line.insertCell();
      cell.textContent = value ?? "NULL";
      cell.classList.toggle("null", value === null);
      cell.classList.toggle("number", columns[index].is_number);
    });
  }
  place.replaceChildren(table);
  place.hidden = columns.length === 0;
}

export function hide() {
  place.replaceChildren();
  place.hidden = true;
}
