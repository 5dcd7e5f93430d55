const SPACE = "http://www.w3.org/2000/svg";

/** A new SVG element; texts of a document get in by `textContent` only, so that they stay texts. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number> = {},
  ...children: (SVGElement | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  for (const child of children) {
    if (typeof child === "string") made.textContent = child;
    else made.append(child);
  }
  return made;
}

/** A new HTML element with a class and perhaps a text. */
export function html<K extends keyof HTMLElementTagNameMap>(name: K, css: string, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.className = css;
  if (text) made.textContent = text;
  return made;
}

/** Move by CSS, so that a change of place can be a transition. */
export function moveTo(element: SVGElement, x: number, y: number): void {
  element.style.transform = `translate(${x}px, ${y}px)`;
}
