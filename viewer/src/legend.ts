import { inWords, kindClass } from "./draw";
import { outline } from "./shapes";
import { html, svg } from "./svg";
import type { Scene, SceneNode } from "./types";

const ELEMENTS: [SceneNode["kind"], string][] = [
  ["entity", "entity"],
  ["activity", "activity"],
  ["agent", "agent"],
  ["unknown", "only mentioned"],
  ["group", "folded group"],
];

/** What the shapes, colours and dashes mean; only those that are there. */
export class Legend {
  readonly element = html("details", "mpg-legend");
  private list = html("div", "mpg-legend-list");
  private key = "";

  constructor() {
    const summary = html("summary", "mpg-legend-title", "Legend");
    this.element.setAttribute("aria-label", "Legend");
    this.element.append(summary, this.list);
    this.element.hidden = true;
  }

  /** Whether it is open is for the person to say: it would cover boxes now or after the next change. */
  show(scene: Scene): void {
    // Names with and without a prefix are the same words.
    const kinds = new Map<string, string>();
    let bundles = false;
    for (const edge of scene.edges) {
      const names = Object.keys(edge.kinds);
      for (const name of edge.kind ? [edge.kind] : names) if (name) kinds.set(inWords(name).slice(0, 30), name);
      if (edge.count > 1) bundles = true;
    }
    const present = ELEMENTS.filter(([kind]) => scene.nodes.some((node) => node.kind === kind));
    const few = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, 16);
    this.element.hidden = scene.level === "analyst" && !few.length;
    if (this.element.hidden) return;
    const key = JSON.stringify([present, few, bundles]);
    if (key === this.key) return;
    this.key = key;
    const rows: HTMLElement[] = present.map(([kind, text]) => row(shape(kind), text));
    for (const [words, kind] of few) rows.push(row(arrow(`mpg-edge ${kindClass(kind)}`), words));
    if (bundles) rows.push(row(arrow("mpg-edge k-bundle"), "several kinds"));
    this.list.replaceChildren(...rows);
  }
}

function row(sample: SVGElement, text: string): HTMLElement {
  const made = html("div", "mpg-legend-row");
  made.append(svg("svg", { width: 34, height: 16, "aria-hidden": "true" }, sample), html("span", "", text));
  return made;
}

function shape(kind: SceneNode["kind"]): SVGElement {
  const g = svg("g", { class: `mpg-node mpg-${kind}`, transform: "translate(5,2)" });
  if (kind === "agent") g.append(svg("path", { class: "mpg-body", d: "M0,5L11,0L22,5V12H0Z" }));
  else if (kind === "group") {
    const sheet = svg("path", { class: "mpg-body mpg-sheet", d: "M3,3H22V13H3Z" });
    g.append(sheet, svg("path", { class: "mpg-body", d: "M0,0H19V10H0Z" }));
  } else g.append(svg("path", { class: "mpg-body", d: outline(kind, 22, 12) }));
  return g;
}

function arrow(css: string): SVGElement {
  return svg("g", { class: css }, svg("path", { class: "mpg-line", d: "M1,8H26" }), svg("path", { class: "mpg-head", d: "M33,8L25,4V12Z" }));
}
