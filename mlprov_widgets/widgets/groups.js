// The host's radio buttons carry no name: each is a group of its own, without arrow keys, and a
// screen reader does not hear what is being chosen.
function render({ el }) {
  el.style.display = "none";
  let watch = null;
  let frame = 0;
  const name = (place) => {
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
