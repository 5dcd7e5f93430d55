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
      if (cell) frame.scrollTo({ top: top(cell) - 6 });
      return;
    }
    const marks = [...frame.querySelectorAll(".mlprov-marked")];
    const seen = (line) =>
      top(line) >= frame.scrollTop && top(line) + 12 <= frame.scrollTop + frame.clientHeight;
    if (marks.length && !marks.some(seen)) {
      frame.scrollTo({ top: top(marks[0]) - frame.clientHeight / 3, behavior: "smooth" });
    }
  };
  // The cells' own changes arrive first, but are drawn with the next frame.
  const soon = () => requestAnimationFrame(() => requestAnimationFrame(move));
  model.on("change:target", soon);
  const first = setTimeout(move, 150);
  return () => {
    clearTimeout(first);
    model.off("change:target", soon);
  };
}

export default { render };
