const CONTROLS = "input, select, textarea, button, summary, label, [tabindex]";
const FOLDER = "📁";

function render({ el }) {
  el.style.display = "none";
  const stops = [leaveKeys(el), nameParts(el)];
  return () => stops.forEach((stop) => stop());
}

// JupyterLab listens to every key before the page does: an arrow key in a list would move to
// another cell, and a letter would cut, insert or delete one. Keys without a modifier belong to
// the control that has the focus; Ctrl+S and Shift+Enter stay JupyterLab's.
function leaveKeys(el) {
  let keyed = false;
  const ours = (target) => el.closest(".mlprov")?.contains(target) === true;
  const chooser = (target) => target?.closest?.(".mlprov-chooser");
  const pressed = (event) => {
    const target = event.target;
    if (!target?.matches?.(CONTROLS) || !ours(target)) return;
    keyed = true;
    const runs = event.shiftKey && event.key === "Enter";
    const own = !event.ctrlKey && !event.metaKey && !event.altKey && !runs;
    target.toggleAttribute("data-lm-suppress-shortcuts", own);
    if (event.key === "Enter" && own && target.matches(".mlprov-chooser .widget-select > select")) {
      event.preventDefault();
      if (folder(target)) target.dispatchEvent(new Event("change", { bubbles: true }));
      else chooser(target).querySelector("button:not(:disabled)")?.click();
    }
  };
  const folder = (list) => list.selectedOptions[0]?.text.startsWith(FOLDER);
  // A folder opens as soon as it is picked, which is one click; who goes through the list with
  // the arrow keys has to get past it, and opens it with Enter.
  const picked = (event) => {
    const list = event.target;
    if (!keyed || !event.isTrusted || !ours(list) || !chooser(list)) return;
    if (list.matches(".widget-select > select") && folder(list)) event.stopImmediatePropagation();
  };
  const pointed = () => {
    keyed = false;
  };
  // The window is asked even before JupyterLab is.
  const listeners = { keydown: pressed, change: picked, pointerdown: pointed };
  for (const [kind, listener] of Object.entries(listeners)) {
    window.addEventListener(kind, listener, true);
  }
  return () => {
    for (const [kind, listener] of Object.entries(listeners)) {
      window.removeEventListener(kind, listener, true);
    }
  };
}

// What the host's widgets do not say. Its radio buttons carry no name: each is a group of its own,
// without arrow keys, and a screen reader does not hear what is being chosen.
function nameParts(el) {
  let watch = null;
  let frame = 0;
  const name = (place) => {
    // The preview scrolls by itself, and has nothing in it that keys could go to.
    for (const cells of place.querySelectorAll(".mlprov-cells:not([role])")) {
      cells.setAttribute("role", "region");
      cells.setAttribute("aria-label", "Cells of the notebook");
      cells.tabIndex = 0;
    }
    for (const box of place.querySelectorAll(".mlprov-radios > .widget-radio-box")) {
      const label = box.parentElement.querySelector(":scope > .widget-label")?.textContent ?? "";
      const cell = box.closest(".mlprov-edit")?.querySelector("h4")?.textContent;
      box.setAttribute("role", "radiogroup");
      box.setAttribute("aria-label", cell ? `${cell}: ${label}` : label);
      box.dataset.group ??= `mlprov-${Math.random().toString(36).slice(2)}`;
      for (const input of box.querySelectorAll("input")) {
        if (input.name !== box.dataset.group) input.name = box.dataset.group;
      }
    }
  };
  const begin = () => {
    const place = el.parentElement;
    if (!place?.isConnected) {
      frame = requestAnimationFrame(begin);
      return;
    }
    name(place);
    watch = new MutationObserver(() => name(place));
    watch.observe(place, { childList: true, subtree: true });
  };
  begin();
  return () => {
    cancelAnimationFrame(frame);
    watch?.disconnect();
  };
}

export default { render };
