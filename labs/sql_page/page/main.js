// Wires the page: one query at a time.

import * as editor from "./editor.js";
import * as result from "./result.js";
import * as server from "./server.js";
import * as tableList from "./table_list.js";

const run = document.getElementById("run");
const cancel = document.getElementById("cancel");
const csv = document.getElementById("csv");
const error = document.getElementById("error");
const status = document.getElementById("status");

const AGAIN_MS = 50;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let rowLimit = 0;
let running = null;

async function showTables() {
  const found = await server.tables();
  rowLimit = found.row_limit;
  const database = document.getElementById("database");
  database.textContent = found.database + (found.is_writable ? ", writable" : ", read-only");
  tableList.show(found.tables, (sql) => {
    editor.write(sql);
    runQuery();
  });
}

async function runQuery() {
  await work("Running…", async (id, sql) => {
    result.hide();
    const answer = await server.query(id, sql);
    result.show(answer);
    status.textContent = outcome(answer);
    await showTables();
  });
}

function outcome({ columns, rows, is_cut: isCut, elapsed_s: elapsedS, statements }) {
  const time = `${elapsedS.toFixed(3)} s`;
  if (statements === 0) return "There is no statement.";
  const which = statements > 1 ? `, of the last of ${statements} statements` : "";
  if (columns.length === 0) return `Done, ${time}`;
  const count = rows.length.toLocaleString("en");
  if (isCut) return `The first ${rowLimit.toLocaleString("en")} rows of more${which}, ${time}`;
  return `${count} ${rows.length === 1 ? "row" : "rows"}${which}, ${time}`;
}

async function downloadCsv() {
  await work("Making the file…", async (id, sql) => {
    const file = URL.createObjectURL(await server.csv(id, sql));
    const link = document.createElement("a");
    link.href = file;
    link.download = "result.csv";
    link.click();
    // The browser takes the file in its own time.
    setTimeout(() => URL.revokeObjectURL(file), 60_000);
    status.textContent = "Every row is in result.csv.";
  });
}

async function work(doing, job) {
  if (running !== null) return;
  running = server.newId();
  const sql = editor.statements();
  error.hidden = true;
  editor.clearMark();
  status.textContent = doing;
  setBusy(true);
  try {
    await job(running, sql);
  } catch (refusal) {
    show(refusal);
  } finally {
    running = null;
    setBusy(false);
  }
}

function show(refusal) {
  if (!(refusal instanceof server.Refusal)) {
    refusal = new server.Refusal(0, { error: `The answer breaks off: ${refusal.message}` });
  }
  if (refusal.isCancelled) {
    status.textContent = "Cancelled.";
    return;
  }
  status.textContent = "";
  const { place } = refusal;
  error.textContent = (place ? `Line ${place.line}, column ${place.column}: ` : "") + refusal.message;
  error.hidden = false;
  if (place) editor.mark(place);
}

function setBusy(isBusy) {
  run.disabled = csv.disabled = isBusy;
  cancel.disabled = !isBusy;
}

async function cancelQuery() {
  if (running === null || cancel.disabled) return;
  const id = running;
  cancel.disabled = true;
  status.textContent = "Cancelling…";
  try {
    // The server may hear of it before it hears of the query.
    while (running === id && !(await server.cancel(id)).found) await pause(AGAIN_MS);
  } catch (refusal) {
    cancel.disabled = running === null;
    show(refusal);
  }
}

run.addEventListener("click", runQuery);
csv.addEventListener("click", downloadCsv);
cancel.addEventListener("click", cancelQuery);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    runQuery();
  } else if (event.key === "Escape") {
    cancelQuery();
  }
});

showTables().catch(show);
