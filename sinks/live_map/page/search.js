// The search box: a combobox over the names of the unicorns on the map.

const MATCHES_MAX = 8;

/** `names()` gives [unicorn, name] pairs; `onChoose(unicorn)` is called for the one that was picked. */
export class Search {
  constructor(names, onChoose) {
    this.names = names;
    this.onChoose = onChoose;
    this.input = document.getElementById("query");
    this.list = document.getElementById("matches");
    this.matches = [];
    this.active = -1;
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("focus", () => this.look());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  look() {
    const query = this.input.value.trim().toLowerCase();
    this.matches = query ? best(this.names(), query) : [];
    this.active = this.matches.length ? 0 : -1;
    this.render(query);
  }

  render(query) {
    this.list.replaceChildren(
      ...this.matches.map(([unicorn, name], i) => {
        const item = document.createElement("li");
        item.id = `match-${i}`;
        item.role = "option";
        item.dir = "auto";
        item.textContent = name;
        // Before the blur that a click causes closes the list.
        item.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          this.choose(unicorn);
        });
        return item;
      }),
    );
    if (query && !this.matches.length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = "No unicorn of that name on the map";
      this.list.append(none);
    }
    this.list.hidden = !query;
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    this.mark();
  }

  mark() {
    this.matches.forEach((_, i) => this.list.children[i].setAttribute("aria-selected", String(i === this.active)));
    if (this.active < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `match-${this.active}`);
  }

  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.matches.length) {
      this.active = (this.active + step + this.matches.length) % this.matches.length;
      this.mark();
    } else if (event.key === "Enter" && this.active >= 0) {
      this.choose(this.matches[this.active][0]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  choose(unicorn) {
    this.close();
    this.onChoose(unicorn);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

// Names that begin with the query come first, then by name.
function best(names, query) {
  const found = [];
  for (const [unicorn, name] of names) {
    const at = name.toLowerCase().indexOf(query);
    if (at >= 0) found.push([unicorn, name, at > 0]);
  }
  found.sort((a, b) => a[2] - b[2] || a[1].localeCompare(b[1]));
  return found.slice(0, MATCHES_MAX);
}
