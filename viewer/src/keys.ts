import type { Box } from "./geometry";
import type { Laid } from "./layout";
import { BAR } from "./measure";
import { ends, type Tree } from "./tree";
import type { Scene } from "./types";

/** What the keyboard needs to know and can do. */
export interface KeyHost {
  scene(): Scene | null;
  tree(): Tree | null;
  laid(): Laid | null;
  selected(): string;
  focused(): string;
  focus(id: string): void;
  select(id: string): void;
  toggle(id: string): void;
  fit(): void;
  zoom(factor: number): void;
  pan(dx: number, dy: number): void;
}

type Way = "left" | "right" | "up" | "down";
const WAYS: Record<string, Way> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** Make the graph usable by keyboard alone. */
export function attachKeys(svg: SVGSVGElement, host: KeyHost, signal: AbortSignal): void {
  svg.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!pressed(event, svg, host)) return;
      event.preventDefault();
      // The notebook around it has its own meaning for most keys.
      event.stopPropagation();
    },
    { signal },
  );
}

function pressed(event: KeyboardEvent, svg: SVGSVGElement, host: KeyHost): boolean {
  const id = host.focused();
  const way = WAYS[event.key];
  if (way && event.shiftKey) {
    const by = 80;
    host.pan(way === "left" ? by : way === "right" ? -by : 0, way === "up" ? by : way === "down" ? -by : 0);
    return true;
  }
  if (way) {
    const next = follow(host, id, way);
    if (next) host.focus(next);
    return true;
  }
  switch (event.key) {
    case "Enter":
      if (id) host.select(id);
      return true;
    case " ":
      if (folds(host, id)) host.toggle(id);
      else if (id) host.select(id);
      return true;
    case "+":
    case "=":
      if (host.tree()?.nodes.get(id)?.kind === "group") host.toggle(id);
      else host.zoom(1.25);
      return true;
    case "-":
    case "_":
      return fold(host, id);
    case "Escape":
      if (!host.selected()) return false;
      host.select("");
      return true;
    case "f":
      host.fit();
      return true;
    case "/":
      svg.dispatchEvent(new CustomEvent("mlprov-search", { bubbles: true }));
      return true;
    case "Home":
    case "End": {
      const nodes = host.scene()?.nodes ?? [];
      const end = event.key === "Home" ? nodes[0] : nodes[nodes.length - 1];
      if (end) host.focus(end.id);
      return true;
    }
    default:
      return false;
  }
}

const folds = (host: KeyHost, id: string): boolean =>
  Boolean(host.tree()?.groups.has(id)) || host.tree()?.nodes.get(id)?.kind === "group";

/** Fold the open group that has the focus, or else the one around. */
function fold(host: KeyHost, id: string): boolean {
  const tree = host.tree();
  const group = tree?.chain(id).find((one) => tree.groups.has(one));
  if (group) {
    host.focus(group);
    host.toggle(group);
  } else host.zoom(0.8);
  return true;
}

/** Along an arrow where there is one that way, else to the nearest box that way. */
function follow(host: KeyHost, id: string, way: Way): string {
  const scene = host.scene();
  const laid = host.laid();
  const tree = host.tree();
  const from = laid?.boxes.get(id);
  if (!scene || !laid || !tree || !from) return scene?.nodes[0]?.id ?? "";
  const [forward, backward]: [Way, Way] = laid.down ? ["down", "up"] : ["right", "left"];
  if (way === forward || way === backward) {
    let best = "";
    let least = Infinity;
    for (const edge of scene.edges) {
      const [first, second] = ends(edge);
      const other = way === forward ? (first === id ? second : "") : second === id ? first : "";
      const box = other && other !== id ? laid.boxes.get(other) : undefined;
      if (!box) continue;
      const distance = apart(from, box);
      if (distance < least) {
        least = distance;
        best = other;
      }
    }
    if (best) return best;
  }
  return nearest(tree, laid, id, from, way);
}

function apart(a: Box, b: Box): number {
  return Math.hypot(a.x + a.w / 2 - b.x - b.w / 2, a.y + a.h / 2 - b.y - b.h / 2);
}

/** Of an open group only the title bar counts: its members are boxes themselves. */
function nearest(tree: Tree, laid: Laid, id: string, from: Box, way: Way): string {
  const part = (one: string, box: Box): Box => (tree.groups.has(one) ? { ...box, h: BAR } : box);
  const start = part(id, from);
  let best = "";
  let least = Infinity;
  for (const [other, box] of laid.boxes) {
    if (other === id) continue;
    const to = part(other, box);
    const dx = to.x + to.w / 2 - start.x - start.w / 2;
    const dy = to.y + to.h / 2 - start.y - start.h / 2;
    const [ahead, aside] =
      way === "left" ? [-dx, dy] : way === "right" ? [dx, dy] : way === "up" ? [-dy, dx] : [dy, dx];
    // Boxes that overlap across the way are beside each other, however far their middles are apart.
    const across = way === "left" || way === "right"
      ? gap(start.y, start.h, to.y, to.h)
      : gap(start.x, start.w, to.x, to.w);
    if (ahead < 6) continue;
    const cost = ahead + 2.5 * across + 0.2 * Math.abs(aside);
    if (cost < least) {
      least = cost;
      best = other;
    }
  }
  return best;
}

const gap = (a: number, length: number, b: number, other: number): number => Math.max(0, b - (a + length), a - (b + other));
