import type { Bundle } from "./bundle";
import { edgeClass, pillWidth } from "./draw";
import type { Point } from "./geometry";
import type { Route } from "./routes";
import { svg } from "./svg";

interface Strand {
  edge: Bundle;
  route: Route;
  /** Classes of the arrow itself. */
  look: string;
  /** Its count is there to be read. */
  counted: boolean;
  on: boolean;
  path: Path2D | null;
}

interface Count {
  text: SVGTextElement;
  /** What it was drawn from. */
  key: string;
  look: string;
}

/** How far beside an arrow it is still pointed at. */
const NEAR = 4;
/** Counts closer than this to each other could not be read. */
const APART = { x: 27, y: 20 };
const pen = document.createElement("canvas").getContext("2d");

/** Arrows by the hundred: all of one look are one path, because an element for each takes too long to style and paint. */
export class Mesh {
  readonly element = svg("g", { class: "mpg-mesh", "aria-hidden": "true" });
  private strands: Strand[] = [];
  private lines = svg("g");
  private pills = svg("g");
  /** Texts take longest to lay out: each is kept for as long as its arrow is there. */
  private texts = svg("g");
  private counts = new Map<string, Count>();
  private pointed = svg("g");
  private stale = true;

  constructor() {
    this.element.append(this.lines, this.pills, this.texts, this.pointed);
  }

  show(edges: Bundle[], routes: Map<string, Route>): void {
    const room = new Room();
    this.strands = edges.flatMap((edge) => {
      const route = routes.get(edge.id);
      if (!route) return [];
      const counted = edge.count > 1 && room.take(route.middle);
      return [{ edge, route, look: `${edgeClass(edge)}${route.long ? " mpg-long" : ""}`, counted, on: false, path: null }];
    });
    this.stale = true;
    this.pointed.replaceChildren();
    if (!this.strands.length) {
      this.lines.replaceChildren();
      this.pills.replaceChildren();
    }
    const had = new Set(this.counts.keys());
    for (const { edge, route, counted } of this.strands) {
      if (!counted) continue;
      had.delete(edge.id);
      const count = this.counts.get(edge.id) ?? { text: svg("text"), key: "", look: "" };
      const { x, y } = route.middle;
      const key = `${edge.count} ${x} ${y}`;
      if (count.key !== key) {
        count.text.setAttribute("x", String(x));
        count.text.setAttribute("y", String(y + 4));
        count.text.textContent = String(edge.count);
        count.key = key;
      }
      if (this.counts.has(edge.id)) continue;
      this.counts.set(edge.id, count);
      this.texts.append(count.text);
    }
    for (const id of had) {
      this.counts.get(id)?.text.remove();
      this.counts.delete(id);
    }
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
      const look = strand.on ? `${strand.look} mpg-on` : strand.look;
      const list = looks.get(look);
      if (list) list.push(strand);
      else looks.set(look, [strand]);
      const count = this.counts.get(strand.edge.id);
      if (!count || count.look === look) continue;
      count.text.setAttribute("class", `mpg-count ${look}`);
      count.look = look;
    }
    // What stands out is drawn last, over the others.
    const order = [...looks].sort(([, [a]], [, [b]]) => Number(a?.on) - Number(b?.on));
    this.lines.replaceChildren(...order.map(([look, strands]) => drawn(look, strands)));
    this.pills.replaceChildren(...order.flatMap(([look, strands]) => pillsOf(look, strands)));
  }

  /** The arrow at a place of the drawing, drawn thicker; undefined where there is none. */
  at(place: Point | null): Bundle | undefined {
    const found = place && this.strands.find((strand) => {
      strand.path ??= new Path2D(strand.route.line);
      if (pen) pen.lineWidth = 2 * NEAR;
      return pen?.isPointInStroke(strand.path, place.x, place.y);
    });
    if (!found) this.pointed.replaceChildren();
    else this.pointed.replaceChildren(drawn(`${found.look} mpg-pointed`, [found]));
    return found?.edge;
  }
}

/** Where counts are: whoever comes later to a place that is taken says his only when it is pointed at. */
class Room {
  private taken = new Map<string, Point[]>();

  take(at: Point): boolean {
    const [column, row] = [Math.floor(at.x / APART.x), Math.floor(at.y / APART.y)];
    for (let x = column - 1; x <= column + 1; x++)
      for (let y = row - 1; y <= row + 1; y++)
        for (const one of this.taken.get(`${x} ${y}`) ?? [])
          if (Math.abs(one.x - at.x) < APART.x && Math.abs(one.y - at.y) < APART.y) return false;
    const key = `${column} ${row}`;
    this.taken.set(key, [...(this.taken.get(key) ?? []), at]);
    return true;
  }
}

function drawn(look: string, strands: Strand[]): SVGGElement {
  const lines = strands.map(({ route }) => route.line).join("");
  const heads = strands.map(({ route }) => route.head).join("");
  return svg("g", { class: look }, svg("path", { class: "mpg-line", d: lines }), svg("path", { class: "mpg-head", d: heads }));
}

/** What is behind the counts of one look; over all lines. */
function pillsOf(look: string, strands: Strand[]): SVGGElement[] {
  const outlines = strands.filter(({ counted }) => counted).map(({ edge, route }) => pill(route.middle, pillWidth(edge)));
  return outlines.length ? [svg("g", { class: look }, svg("path", { class: "mpg-badge mpg-pill", d: outlines.join("") }))] : [];
}

/** The outline behind a count. */
const pill = ({ x, y }: Point, w: number): string => `M${x - w / 2 + 9},${y - 9}h${w - 18}a9,9 0 0 1 0,18h${18 - w}a9,9 0 0 1 0,-18Z`;
