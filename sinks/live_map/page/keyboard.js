// Keys that work anywhere on the page unless something is being typed; the map's own keys are Leaflet's.

/** `actions` maps a key ("n", "/", "Escape", …) to a function. Enter counts only while `map` has the focus. */
export function onKeys(map, actions) {
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type=range], [type=checkbox]), select");
    const isOther = event.ctrlKey || event.metaKey || event.altKey;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action || isOther || (isTyping && event.key !== "Escape")) return;
    if (event.key === "Enter" && event.target !== map) return;
    event.preventDefault();
    action();
  });
}
