const PIECE = 1 << 20;

function render({ model, el }) {
  el.classList.add("mlprov-upload");
  const label = document.createElement("label");
  label.className = "mlprov-button";
  const input = document.createElement("input");
  input.type = "file";
  input.accept = model.get("accept");
  input.className = "mlprov-sr";
  const words = document.createElement("span");
  words.textContent = model.get("label");
  label.append(input, words);
  const status = document.createElement("span");
  status.className = "mlprov-upload-status";
  status.setAttribute("role", "status");
  const limit = model.get("limit");
  const most = limit < 1e6 ? `${Math.floor(limit / 1e3)} kB` : `${Math.floor(limit / 1e6)} MB`;
  const what = model.get("what");
  const idle = what ? `${what}, up to ${most}` : `up to ${most}`;
  status.textContent = idle;
  el.append(label, status);

  let file = null;
  const end = (text, refused = true) => {
    file = null;
    input.value = "";
    input.disabled = false;
    status.textContent = text;
    status.classList.toggle("mlprov-refused", refused);
  };
  input.addEventListener("change", () => {
    file = input.files[0] ?? null;
    if (!file) return;
    if (file.size > model.get("limit")) {
      end(`“${file.name}” is larger than ${most}.`);
      return;
    }
    input.disabled = true;
    status.classList.remove("mlprov-refused");
    status.textContent = "Uploading…";
    model.send({ kind: "begin", name: file.name, size: file.size });
  });
  const answered = async (message) => {
    if (message.kind === "refused") end(message.message);
    else if (message.kind === "done") end(message.message || idle, false);
    else if (message.kind === "more" && file) {
      status.textContent = `Uploading… ${Math.round((100 * message.got) / file.size)} %`;
      try {
        const piece = await file.slice(message.got, message.got + PIECE).arrayBuffer();
        model.send({ kind: "piece" }, undefined, [piece]);
      } catch {
        end("The browser could not read the file.");
      }
    }
  };
  model.on("msg:custom", answered);
  return () => model.off("msg:custom", answered);
}

export default { render };
