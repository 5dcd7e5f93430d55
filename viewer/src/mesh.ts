import type { Bundle } from "./bundle";
import { drawBadge, edgeClass } from "./draw";
import type { Point } from "./geometry";
import type { Route } from "./routes";
import { svg } from "./svg";

interface Strand {
  edge: Bundle;
  route: Route;
  on: boolean;
  path: Path2D | null;
}

/** How far beside an arrow it is still pointed at. */
const NEAR = 4;
const pen = document.createElement("canvas").getContext("2d");

/** Arrows by the hundred: all of one look are one path, because an element for each takes too long to style and paint. */
export class Mesh {
  readonly element = svg("g", { class: "mpg-mesh", "aria-hidden": "true" });
  private strands: Strand[] = [];
  private pointed = svg("g", {});
  private stale = true;

  show(edges: Bundle[], routes: Map<string, Route>): void {
    this.strands = edges.flatMap((edge) => {
      const route = routes.get(edge.id);
      return route ? [{ edge, route, on: false, path: null }] : [];
    });
    this.stale = true;
    if (!this.strands.length) this.element.replaceChildren();
  }

  mark(isOn: (edge: Bundle) => boolean): void {
    for (const strand of this.strands) {
      const on = isOn(strand.edge);
      if (on === strand.on) continue;
      strand.on = on;
      this.stale = true;
    }
    if (!this.stale || !this.strands.length) return;
    this.stale = false;
    const looks = new Map<string, Strand[]>();
    for (const strand of this.strands) {
      const look = `${edgeClass(strand.edge)}${strand.route.long ? " mpg-long" : ""}${strand.on ? " mpg-on" : ""}`;
      const list = looks.get(look);
      if (list) list.push(strand);
      else looks.set(look, [strand]);
    }
    // What stands out is drawn last, over the others.
    const order = [...looks].sort(([, [a]], [, [b]]) => Number(a?.on) - Number(b?.on));
    this.element.replaceChildren(...order.map(([look, strands]) => drawn(look, strands)), this.pointed);
  }

  /** The arrow at a place of the drawing, drawn thicker; undefined where there is none. */
  at(place: Point | null): Bundle | undefined {
    const found = place && this.strands.find((strand) => {
      strand.path ??= new Path2D(strand.route.line);
      if (pen) pen.lineWidth = 2 * NEAR;
      return pen?.isPointInStroke(strand.path, place.x, place.y);
    });
    if (!found) this.pointed.replaceChildren();
    else this.pointed.replaceChildren(drawn(`${edgeClass(found.edge)} mpg-pointed`, [found]));
    return found?.edge;
  }
}

function drawn(look: string, strands: Strand[]): SVGGElement {
  const lines = strands.map(({ route }) => route.line).join("");
  const heads = strands.map(({ route }) => route.head).join("");
  const g = svg("g", { class: look }, svg("path", { class: "mpg-line", d: lines }), svg("path", { class: "mpg-head", d: heads }));
  for (const { edge, route } of strands) {
    if (edge.count < 2) continue;
    const badge = drawBadge(edge);
    badge.style.transform = `translate(${route.middle.x}px, ${route.middle.y}px)`;
    g.append(badge);
  }
  return g;
}
