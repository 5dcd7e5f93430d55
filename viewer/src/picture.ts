import type { Box } from "./geometry";

const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "font-style", "text-anchor", "letter-spacing",
] as const;
const INHERITED = new Set(["fill", "fill-opacity", "stroke", "stroke-opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor"]);
const ROOM = 24;
/** No browser makes a larger bitmap. */
const MOST_PIXELS = 8000;

/** A copy of a drawing that needs no style sheet: variables resolved, nothing that only a mouse can see. */
export function picture(from: SVGSVGElement, bounds: Box): string {
  const copy = from.cloneNode(true) as SVGSVGElement;
  inline(from, copy);
  for (const gone of copy.querySelectorAll(".mpg-leaving, .mpg-hit, .mpg-handle-hit, .mpg-handle title, .mpg-gone")) gone.remove();
  for (const one of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name } of [...one.attributes])
      if (name === "class" || name === "role" || name === "tabindex" || /^(data|aria)-/.test(name)) one.removeAttribute(name);
  }
  const box = { x: bounds.x - ROOM, y: bounds.y - ROOM, w: bounds.w + 2 * ROOM, h: bounds.h + 2 * ROOM };
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(Math.ceil(box.w)));
  copy.setAttribute("height", String(Math.ceil(box.h)));
  copy.setAttribute("viewBox", `${box.x} ${box.y} ${box.w} ${box.h}`);
  copy.firstElementChild?.removeAttribute("transform");
  const paper = document.createElementNS(copy.namespaceURI, "rect");
  for (const [name, value] of Object.entries({ x: box.x, y: box.y, width: box.w, height: box.h, fill: paperOf(from) }))
    paper.setAttribute(name, String(value));
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

function paperOf(from: Element): string {
  for (let at: Element | null = from; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour && colour !== "transparent" && !/[,/] 0\)$/.test(colour)) return plain(colour);
  }
  return "#fff";
}

/** Write what the style sheets say into the copy's attributes; what a parent says already is left out. */
function inline(from: SVGElement, copy: SVGElement, above: Record<string, string> = {}): void {
  const style = getComputedStyle(from);
  if (style.display === "none") copy.classList.add("mpg-gone");
  const here: Record<string, string> = {};
  for (const name of STYLES) {
    const value = plain(style.getPropertyValue(name));
    here[name] = value;
    if (INHERITED.has(name) ? above[name] !== value : !isDefault(name, value)) copy.setAttribute(name, value);
  }
  const move = from.style.transform;
  copy.removeAttribute("style");
  if (move) copy.setAttribute("transform", move.replace(/px/g, ""));
  const children = copy.children;
  for (let at = 0; at < from.children.length; at++)
    inline(from.children[at] as SVGElement, children[at] as SVGElement, here);
}

/** Mixed colours as other programs know them. */
function plain(value: string): string {
  return value.replace(/color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)/g, (_, r, g, b, a) => {
    const parts = [r, g, b].map((part) => Math.round(Math.min(1, Math.max(0, Number(part))) * 255));
    return a === undefined ? `rgb(${parts.join(", ")})` : `rgba(${parts.join(", ")}, ${a})`;
  });
}

function isDefault(name: string, value: string): boolean {
  return (
    value === "none" || value === "normal" || value === "" ||
    (name === "opacity" && value === "1") ||
    (name === "stroke-width" && value === "1px") ||
    (name === "stroke-linecap" && value === "butt") ||
    (name === "stroke-linejoin" && value === "miter")
  );
}

/** A bitmap of an SVG, two pixels to each of its units where that is not too much. */
export async function png(source: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  await image.decode();
  const scale = Math.min(2, MOST_PIXELS / Math.max(image.width, image.height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The browser could not make a PNG of this size."))));
  });
}
