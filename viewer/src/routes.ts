import type { Box, Inside, Point, Way } from "./geometry";
import { BAR, PAD } from "./measure";
import { inset } from "./shapes";
import { ends, pair, type Tree } from "./tree";
import type { SceneEdge, SceneNode } from "./types";

/** One arrow as it is drawn. */
export interface Route {
  /** The line, as the data of an SVG path; always from the flow's first end to its second. */
  line: string;
  /** The arrowhead, likewise. */
  head: string;
  middle: Point;
  /** It passes by other boxes: drawn more quietly, so that neighbours are seen first. */
  long: boolean;
}

type Kind = SceneNode["kind"];

interface Plan {
  edge: SceneEdge;
  way: Way;
  from: Box;
  to: Box;
  start: Point;
  end: Point;
  down: boolean;
}

/** A box in an open group; with the group's frame where the group is read from top to bottom. */
interface Aisle {
  box: Box;
  frame: Box | null;
}

const HEAD = 8;
const SPREAD = 12;
const TURN = 10;
/** From a box to the lines that pass beside it: less than half of the gap between boxes. */
const ASIDE = 13;

/** Draw every edge from border to border, past what is in between. */
export function routes(
  edges: SceneEdge[],
  tree: Tree,
  boxes: Map<string, Box>,
  insides: Map<string, Inside>,
  origins: Map<string, Point>,
): Map<string, Route> {
  const found = new Map<string, Route>();
  const plans: Plan[] = [];
  const ports = new Ports();
  const aisle = (id: string): Aisle | null => {
    const box = boxes.get(id);
    const around = tree.chain(id)[1] ?? "";
    const frame = boxes.get(around);
    return box ? { box, frame: frame && insides.get(around)?.down ? frame : null } : null;
  };
  for (const edge of edges) {
    const [first, second] = ends(edge);
    const from = boxes.get(first);
    const to = boxes.get(second);
    if (!from || !to) continue;
    const [group, a, b] = tree.common(first, second);
    if (a === b) {
      found.set(edge.id, loop(from));
      continue;
    }
    const origin = origins.get(group) ?? { x: 0, y: 0 };
    const moved = (p: Point): Point => ({ x: p.x + origin.x, y: p.y + origin.y });
    const inside = insides.get(group);
    const kept: Way = inside?.ways.get(pair(a, b)) ?? { points: [], along: 1 };
    const way: Way = { points: kept.points.map(moved), along: kept.along };
    if (kept.bent) {
      const bent = kept.bent.map(moved);
      const straight = bent.length === 2;
      if (!straight || (a === first && b === second)) {
        found.set(edge.id, square(edge, bent, a === first ? null : aisle(first), b === second ? null : aisle(second)));
        continue;
      }
    }
    const down = Boolean(inside?.down);
    const plan: Plan = { edge, way, from, to, start: { x: 0, y: 0 }, end: { x: 0, y: 0 }, down };
    plans.push(plan);
    const kind = (id: string): Kind => tree.nodes.get(id)?.kind ?? "group";
    const forward = way.along === 1;
    ports.add(first, kind(first), from, !forward, down, way.points[0] ?? centre(to), to, (point) => (plan.start = point));
    ports.add(second, kind(second), to, forward, down, way.points.at(-1) ?? centre(from), from, (point) => (plan.end = point));
  }
  ports.settle();
  for (const plan of plans) found.set(plan.edge.id, soft(plan));
  return found;
}

/** The ends of arrows along the borders of boxes, in the order of where they come from, so that they do not cross. */
class Ports {
  private sides = new Map<string, { length: number; ends: { at: number; far: number; set: (along: number) => void }[] }>();

  add(id: string, kind: Kind, box: Box, atStart: boolean, down: boolean, next: Point, other: Box, put: (point: Point) => void): void {
    const key = JSON.stringify([id, atStart, down]);
    const side = this.sides.get(key) ?? { length: down ? box.w : box.h, ends: [] };
    this.sides.set(key, side);
    side.ends.push({
      at: down ? next.x : next.y,
      far: down ? other.x + other.w / 2 : other.y + other.h / 2,
      set: (along) => {
        const deep = inset(kind, box, along, down, atStart) * (atStart ? 1 : -1);
        put(
          down
            ? { x: box.x + along, y: (atStart ? box.y : box.y + box.h) + deep }
            : { x: (atStart ? box.x : box.x + box.w) + deep, y: box.y + along },
        );
      },
    });
  }

  settle(): void {
    for (const { length, ends } of this.sides.values()) {
      ends.sort((a, b) => a.at - b.at || a.far - b.far);
      const step = ends.length > 1 ? Math.min(SPREAD, (length * 0.72) / (ends.length - 1)) : 0;
      ends.forEach((one, at) => one.set(length / 2 + (at - (ends.length - 1) / 2) * step));
    }
  }
}

const centre = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
const n = (value: number): string => String(Math.round(value * 10) / 10);
const shifted = (p: Point, by: number, down: boolean): Point => (down ? { x: p.x, y: p.y + by } : { x: p.x + by, y: p.y });

/** Which ends have an arrowhead, in the order of the flow. */
function pointed(edge: SceneEdge): [boolean, boolean] {
  const both = "both" in edge && Boolean(edge.both);
  return [both || edge.flow === -1, both || edge.flow === 1];
}

/** Through the layers of a group, in smooth curves. */
function soft(plan: Plan): Route {
  const { edge, way, start, end, down } = plan;
  const sign = way.along;
  const [atStart, atEnd] = pointed(edge);
  // The line stops inside the arrowhead, so that its end does not stick out of the tip.
  const back = (HEAD - 1) * sign;
  const first = atStart ? shifted(start, back, down) : start;
  const last = atEnd ? shifted(end, -back, down) : end;
  const heads = (atStart ? arrowhead(start, shifted(start, sign, down)) : "") + (atEnd ? arrowhead(end, shifted(end, -sign, down)) : "");
  const points = [first, ...way.points, last];
  let line = `M${n(first.x)},${n(first.y)}`;
  const curves: [Point, Point, Point, Point][] = [];
  for (let at = 0; at + 1 < points.length; at++) {
    const p = points[at] as Point;
    const q = points[at + 1] as Point;
    const half = down ? (q.y - p.y) / 2 : (q.x - p.x) / 2;
    // Ends that are too close, or in the wrong order, need a bulge to arrive straight.
    const reach = Math.abs(half) < 14 || Math.sign(half) !== sign ? 24 * sign : half;
    const c = shifted(p, reach, down);
    const d = shifted(q, -reach, down);
    curves.push([p, c, d, q]);
    line += `C${n(c.x)},${n(c.y)} ${n(d.x)},${n(d.y)} ${n(q.x)},${n(q.y)}`;
  }
  const [p, c, d, q] = curves[Math.floor(curves.length / 2)] ?? [first, first, last, last];
  const middle = { x: (p.x + 3 * c.x + 3 * d.x + q.x) / 8, y: (p.y + 3 * c.y + 3 * d.y + q.y) / 8 };
  return { line, head: heads, middle, long: way.points.length > 4 };
}

/** Along the gutters, with round corners; inside an open group it goes on beside the box that it is about. */
function square(edge: SceneEdge, bent: Point[], from: Aisle | null, to: Aisle | null): Route {
  const points = bent.slice(from ? 2 : 0, to ? -2 : undefined);
  if (from) points.unshift(...beside(from, bent[1] as Point, 1));
  if (to) points.push(...beside(to, bent.at(-2) as Point, -1).reverse());
  const [atStart, atEnd] = pointed(edge);
  const tipStart = points[0] as Point;
  const tipEnd = points.at(-1) as Point;
  const afterStart = toward(tipStart, points[1] as Point, HEAD - 1);
  const beforeEnd = toward(tipEnd, points.at(-2) as Point, HEAD - 1);
  const head = (atStart ? arrowhead(tipStart, afterStart) : "") + (atEnd ? arrowhead(tipEnd, beforeEnd) : "");
  const lower = (bent.at(-1)?.y ?? 0) >= (bent[0]?.y ?? 0) ? to : from;
  const middle = lower ? aside(lower === to ? points : [...points].reverse()) : badge(bent);
  if (atStart) points[0] = afterStart;
  if (atEnd) points[points.length - 1] = beforeEnd;
  const start = points[0] as Point;
  return { line: `M${n(start.x)},${n(start.y)}${rounded(points)}`, head, middle, long: bent.length > 4 || Boolean(from || to) };
}

/** Out of a box and through what is free of boxes: the gap beside its column, or beside all rows. */
function beside({ box, frame }: Aisle, track: Point, side: 1 | -1): Point[] {
  if (frame) {
    const x = box.x + box.w / 2;
    const y = side === 1 ? box.y + box.h : box.y;
    // Not across the title, which is at the left.
    const titled = side === -1 && box.y - frame.y < BAR + 20;
    const free = !titled && x < frame.x + frame.w / 2 ? frame.x + PAD / 4 : frame.x + frame.w - PAD / 2;
    return [{ x, y }, { x, y: y + side * 18 }, { x: free, y: y + side * 18 }, { x: free, y: track.y }];
  }
  const x = side === 1 ? box.x + box.w : box.x;
  const y = box.y + box.h / 2;
  const gap = x + side * ASIDE;
  return [{ x, y }, { x: gap, y }, { x: gap, y: track.y }];
}

/** An arrowhead whose tip is here and whose line comes from there. */
function arrowhead(tip: Point, from: Point): string {
  const length = Math.hypot(from.x - tip.x, from.y - tip.y) || 1;
  const [ux, uy] = [(from.x - tip.x) / length, (from.y - tip.y) / length];
  const at = (along: number, across: number): string => `${n(tip.x + ux * along - uy * across)},${n(tip.y + uy * along + ux * across)}`;
  return `M${at(0, 0)}L${at(HEAD, -4.2)}Q${at(HEAD - 2, 0)} ${at(HEAD, 4.2)}Z`;
}

function rounded(points: Point[]): string {
  let line = "";
  for (let at = 1; at + 1 < points.length; at++) {
    const [a, p, b] = [points[at - 1], points[at], points[at + 1]] as [Point, Point, Point];
    const before = toward(p, a, Math.min(TURN, apart(p, a) / 2));
    const after = toward(p, b, Math.min(TURN, apart(p, b) / 2));
    line += `L${n(before.x)},${n(before.y)}Q${n(p.x)},${n(p.y)} ${n(after.x)},${n(after.y)}`;
  }
  const end = points[points.length - 1] as Point;
  return `${line}L${n(end.x)},${n(end.y)}`;
}

const apart = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y);

function toward(from: Point, to: Point, by: number): Point {
  const length = apart(from, to) || 1;
  return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
}

/** Below the track that an arrow leaves for the gap beside a box. */
function aside(points: Point[]): Point {
  let at = points.length - 2;
  while (at > 1 && points[at]?.x !== points[at - 1]?.x) at--;
  const [gap, track] = [points[at] as Point, points[at - 1] as Point];
  return { x: gap.x, y: track.y + Math.sign(gap.y - track.y) * Math.min(24, Math.abs(gap.y - track.y) / 2) };
}

/** On the leg into the lower box: the others may be shared with other arrows. */
function badge(bent: Point[]): Point {
  if (bent.length === 2) return { x: ((bent[0]?.x ?? 0) + (bent[1]?.x ?? 0)) / 2, y: bent[0]?.y ?? 0 };
  const down = (bent.at(-1)?.y ?? 0) >= (bent[0]?.y ?? 0);
  const [end, before] = down ? [bent.at(-1), bent.at(-2)] : [bent[0], bent[1]];
  return { x: end?.x ?? 0, y: ((end?.y ?? 0) + (before?.y ?? 0)) / 2 };
}

/** An element that is related to itself. */
function loop(box: Box): Route {
  const x = box.x + box.w - 26;
  const y = box.y + 2;
  return {
    line: `M${n(x - 14)},${n(y)}C${n(x - 18)},${n(y - 30)} ${n(x + 18)},${n(y - 30)} ${n(x + 12)},${n(y - 7)}`,
    head: `M${n(x + 11)},${n(y + 1)}L${n(x + 8)},${n(y - 8)}L${n(x + 16)},${n(y - 7)}Z`,
    middle: { x, y: y - 22 },
    long: false,
  };
}
