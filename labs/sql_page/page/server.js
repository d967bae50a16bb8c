// What the server is asked. Each function returns its answer, or throws a Refusal.

export class Refusal extends Error {
  constructor(status, answer) {
    super(answer.error ?? `the server answers ${status}`);
    this.isCancelled = answer.cancelled === true;
    this.place = answer.line ? { line: answer.line, column: answer.column, length: answer.length } : null;
  }
}

export function newId() {
  return crypto.randomUUID();
}

export async function tables() {
  return (await ask("tables")).json();
}

export async function query(id, sql) {
  return (await post("query", { id, sql })).json();
}

export async function csv(id, sql) {
  return (await post("csv", { id, sql })).blob();
}

export async function cancel(id) {
  return (await post("cancel", { id })).json();
}

function post(path, body) {
  return ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refusal(0, { error: "The server does not answer: is `wildrydes lab sql` still running?" });
  }
  if (response.ok) return response;
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = { error: text };
  }
  throw new Refusal(response.status, answer);
}
