// The tables, each with its columns.

const place = document.getElementById("tables");

export function show(tables, onRows) {
  const open = new Set([...place.querySelectorAll("details[open]")].map((each) => each.dataset.name));
  const drawn = tables.map((table) => details(table, onRows));
  for (const each of drawn) each.open = open.has(each.dataset.name);
  if (drawn.length === 0) {
    const none = document.createElement("p");
    none.textContent = "There is no table yet.";
    drawn.push(none);
  }
  place.replaceChildren(...drawn);
}

function details(table, onRows) {
  const name = table.schema === "main" ? table.name : `${table.schema}.${table.name}`;
  const drawn = document.createElement("details");
  drawn.dataset.name = name;
  const head = document.createElement("summary");
  const count = table.is_view ? "view" : `${table.row_count.toLocaleString("en")} rows`;
  head.append(name, " ", kind(count));
  const rows = document.createElement("button");
  rows.textContent = "Show rows";
  rows.setAttribute("aria-label", `Show rows of ${name}`);
  rows.addEventListener("click", () => onRows(`SELECT * FROM ${quoted(table)} LIMIT 100`));
  const list = document.createElement("ul");
  for (const column of table.columns) {
    const item = document.createElement("li");
    item.append(column.name, " ", kind(column.type + (column.is_required ? " NOT NULL" : "")));
    list.append(item);
  }
  drawn.append(head, rows, list);
  return drawn;
}

function quoted(table) {
  const parts = table.schema === "main" ? [table.name] : [table.schema, table.name];
  return parts
    .map((part) => (/^[a-z_][a-z0-9_]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`))
    .join(".");
}

function kind(text) {
  const drawn = document.createElement("span");
  drawn.className = "kind";
  drawn.textContent = text;
  return drawn;
}
