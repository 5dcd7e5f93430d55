/** What the page around the viewer is like: its theme, and its claims on keys. */

const MARKED = ["class", "style", "theme", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"];

/** Follow the host's theme on `root` until the returned function is called. */
export function followTheme(root: HTMLElement, alone: boolean): () => void {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const vscode = isVscode();
    const dark = isDark(alone, system.matches);
    root.dataset["theme"] = dark ? "dark" : "light";
    // A host may define the other theme's colours (Colab's dark theme has Jupyter's light ones): take only what fits.
    const host = vscode ? "vscode" : "jupyter";
    root.dataset["host"] = !alone && luminanceOf(PAPER[host]) !== null && darkPaper(PAPER[host]) === dark ? host : "";
  };
  apply();
  const observer = new MutationObserver(apply);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: MARKED });
  }
  // Lab swaps the style sheet some time after it has marked the body.
  const head = new MutationObserver(() => window.setTimeout(apply, 50));
  head.observe(document.head, { childList: true });
  system.addEventListener("change", apply);
  return () => {
    observer.disconnect();
    head.disconnect();
    system.removeEventListener("change", apply);
  };
}

const PAPER = { jupyter: "--jp-layout-color1", vscode: "--vscode-editor-background" } as const;

function isVscode(): boolean {
  return document.body.hasAttribute("data-vscode-theme-kind") || /\bvscode-(dark|light|high-contrast)\b/.test(document.body.className);
}

function isDark(alone: boolean, system: boolean): boolean {
  const { body, documentElement: html } = document;
  if (alone) return system;
  const light = body.getAttribute("data-jp-theme-light");
  if (light !== null) return light === "false";
  if (isVscode()) {
    const kind = body.getAttribute("data-vscode-theme-kind") ?? body.className;
    return /dark|high-contrast(?!-light)/.test(kind);
  }
  const named = html.getAttribute("theme") ?? html.getAttribute("data-theme");
  if (named !== null) return named.includes("dark");
  if (body.classList.contains("theme-dark") || html.classList.contains("dark")) return true;
  return darkPaper(PAPER.jupyter);
}

function darkPaper(name: string): boolean {
  const luminance = luminanceOf(name);
  return luminance !== null && luminance < 0.35;
}

/** Rough luminance, 0 to 1, of a colour that the page defines; null where it does not. */
function luminanceOf(name: string): number | null {
  const value = getComputedStyle(document.body).getPropertyValue(name).trim();
  if (!value) return null;
  const probe = document.createElement("span");
  probe.style.color = value;
  probe.style.display = "none";
  document.body.append(probe);
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g)?.map(Number);
  probe.remove();
  if (!parts || parts.length < 3) return null;
  const [red = 0, green = 0, blue = 0] = parts;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Keep the host's shortcuts (in a notebook, "a" adds a cell) from what is typed into the viewer. */
export function shieldKeys(root: HTMLElement): () => void {
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const stop = (event: Event): void => event.stopPropagation();
  for (const type of ["keydown", "keyup", "keypress", "copy", "cut", "paste"]) root.addEventListener(type, stop);
  return () => {
    for (const type of ["keydown", "keyup", "keypress", "copy", "cut", "paste"]) root.removeEventListener(type, stop);
  };
}

/** Fill the screen; where the host forbids that, at least the page or frame that the viewer is in. */
export async function toggleFullScreen(root: HTMLElement): Promise<boolean> {
  if (document.fullscreenElement === root) {
    await document.exitFullscreen();
    return false;
  }
  if (root.classList.contains("mp-maximised")) {
    root.classList.remove("mp-maximised");
    return false;
  }
  try {
    await root.requestFullscreen();
  } catch {
    root.classList.add("mp-maximised");
  }
  return true;
}

/** Hand a file to the person. */
export function saveFile(name: string, data: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers start reading only after the click's event is over.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Copy, also where the page may not use the clipboard's own interface. */
export async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "mp-offscreen";
    near.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    near.focus();
    return done;
  }
}
