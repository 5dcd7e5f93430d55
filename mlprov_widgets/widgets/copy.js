async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not every host is a secure context; the old way works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "mlprov-button mlprov-copy";
  button.textContent = model.get("label");
  el.append(button);
  button.addEventListener("click", async () => {
    const done = await copy(model.get("text"));
    button.textContent = done ? "Copied" : "Select it and press Ctrl+C";
    setTimeout(() => (button.textContent = model.get("label")), 1600);
    button.focus();
  });
}

export default { render };
