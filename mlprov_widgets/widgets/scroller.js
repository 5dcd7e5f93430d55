function render({ model, el }) {
  el.style.display = "none";
  const move = () => {
    const frame = el.closest(".mlprov-preview")?.querySelector(".mlprov-cells");
    const target = model.get("target");
    if (!frame || target?.cell === undefined) return;
    const top = (element) =>
      element.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop;
    if (target.cell) {
      const cell = frame.querySelector(`[data-cell="${CSS.escape(target.cell)}"]`);
      if (cell) frame.scrollTo({ top: top(cell) });
      return;
    }
    // What the page is about first, then code, then whatever the change has touched.
    const touched = [
      ".mlprov-own :is(.mlprov-marked, .mlprov-used)",
      ".mlprov-code .mlprov-marked",
      ".mlprov-marked",
    ];
    const lines = touched.map((which) => [...frame.querySelectorAll(which)]).find((all) => all.length);
    const seen = (line) =>
      top(line) >= frame.scrollTop && top(line) + 12 <= frame.scrollTop + frame.clientHeight;
    if (lines && !lines.some(seen)) {
      frame.scrollTo({ top: top(lines[0]) - frame.clientHeight / 3, behavior: "smooth" });
    }
  };
  // A page that was turned at its foot begins at its head, where that is out of sight.
  const turned = () => {
    const target = model.get("target");
    if (target?.field) {
      const field = el.closest(".mlprov")?.querySelector(`.mlprov-form .mlprov-field-${CSS.escape(target.field)}`);
      const controls = [...(field?.querySelectorAll("input, select, textarea, button") ?? [])];
      field?.scrollIntoView({ block: "nearest" });
      controls.find((one) => one.offsetParent)?.focus({ preventScroll: true });
    } else if (target?.cell || target?.head) {
      const root = el.closest(".mlprov");
      const form = root?.querySelector(".mlprov-form:not(.mlprov-hidden)");
      const head = [".mlprov-words .mlprov-banner", ".mlprov-title"];
      const found =
        root?.querySelector(".mlprov-head:not(.mlprov-hidden)") ??
        head.map((which) => form?.querySelector(which)).find((element) => element);
      found?.scrollIntoView({ block: "nearest" });
      // What was clicked may be gone with its page; the next Tab goes on from the new one.
      if (found && document.activeElement === document.body) {
        const shown = [...root.querySelectorAll(".mlprov-results .mlprov-title")];
        const heading = shown.find((one) => one.offsetParent) ?? found;
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
      }
    }
    move();
  };
  // The cells' own changes arrive first, but are drawn with the next frame.
  const soon = () => requestAnimationFrame(() => requestAnimationFrame(turned));
  model.on("change:target", soon);
  const first = setTimeout(move, 150);
  return () => {
    clearTimeout(first);
    model.off("change:target", soon);
  };
}

export default { render };
