function render({ model, el }) {
  el.classList.add("mlprov-download");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "mlprov-button";
  const status = document.createElement("span");
  status.className = "mlprov-upload-status";
  status.setAttribute("role", "status");
  const name = () => (button.textContent = model.get("label"));
  name();
  model.on("change:label", name);
  el.append(button, status);

  let waiting = false;
  button.addEventListener("click", () => {
    waiting = true;
    status.textContent = "";
    model.send({ kind: "wanted" });
  });
  const answered = (message, buffers) => {
    // The same file may be shown twice; only the button that was clicked saves it.
    if (!waiting) return;
    waiting = false;
    if (message.kind !== "file") {
      status.textContent = message.message;
      return;
    }
    const url = URL.createObjectURL(new Blob([buffers[0]], { type: "application/octet-stream" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  };
  model.on("msg:custom", answered);
  return () => {
    model.off("msg:custom", answered);
    model.off("change:label", name);
  };
}

export default { render };
