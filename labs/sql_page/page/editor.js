// The text area: what of it runs, and where an error stands in it.

const field = document.getElementById("editor");
let marked = null;

// The whole text, or the selection (not the mark of an error) with blanks in place of all before it,
// so that lines and columns are those of the whole.
export function statements() {
  const { value, selectionStart, selectionEnd } = field;
  const isMark = marked?.start === selectionStart && marked.end === selectionEnd;
  if (selectionStart === selectionEnd || isMark) return value;
  return value.slice(0, selectionStart).replace(/[^\n]/gu, " ") + value.slice(selectionStart, selectionEnd);
}

export function write(text) {
  field.value = text;
  field.setSelectionRange(text.length, text.length);
  clearMark();
}

// Lines and columns count from 1, columns and length in characters, which are one or two units of
// JavaScript's strings.
export function mark({ line, column, length }) {
  const lines = field.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const characters = [...lines[line - 1]];
  const units = (from, to) => characters.slice(from, to).join("").length;
  const start = before + units(0, column - 1);
  field.focus();
  marked = { start, end: start + units(column - 1, column - 1 + length) };
  field.setSelectionRange(marked.start, marked.end);
  field.setAttribute("aria-invalid", "true");
}

export function clearMark() {
  marked = null;
  field.removeAttribute("aria-invalid");
}
