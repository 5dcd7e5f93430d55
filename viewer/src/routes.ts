import { type Box, type Inside, type Point, type Tree, type Way, ends, pair } from "./layout";
import { inset } from "./shapes";
import type { SceneEdge } from "./types";

/** One arrow as it is drawn. */
export interface Route {
  /** The line, as the data of an SVG path; always from the flow's first end to its second. */
  line: string;
  /** The arrowhead, likewise. */
  head: string;
  middle: Point;
}

interface Plan {
  edge: SceneEdge;
  way: Way;
  from: Box;
  to: Box;
  start: Point;
  end: Point;
}

const HEAD = 8;
const SPREAD = 12;
const TURN = 10;
const STUB = 22;

/** Draw every edge from border to border, past what is in between. */
export function routes(
  edges: SceneEdge[],
  tree: Tree,
  boxes: Map<string, Box>,
  insides: Map<string, Inside>,
  origins: Map<string, Point>,
  down: boolean,
): Map<string, Route> {
  const found = new Map<string, Route>();
  const plans: Plan[] = [];
  // What meets at one side of one box, with the place that it comes from.
  const sides = new Map<string, { at: number; other: number; set: (along: number) => void }[]>();
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
    const kept = insides.get(group)?.ways.get(pair(a, b)) ?? { points: [], along: 1 as const, lanes: [] };
    const way: Way = {
      points: kept.points.map((p) => ({ x: p.x + origin.x, y: p.y + origin.y })),
      along: kept.along,
      lanes: kept.lanes,
    };
    const plan: Plan = { edge, way, from, to, start: { x: 0, y: 0 }, end: { x: 0, y: 0 } };
    plans.push(plan);
    const forward = way.along === 1;
    const port = (id: string, box: Box, atStart: boolean, next: Point, far: Box, put: (point: Point) => void): void => {
      const kind = tree.nodes.get(id)?.kind ?? "group";
      const key = `${id} ${atStart ? 0 : 1}`;
      const list = sides.get(key) ?? [];
      sides.set(key, list);
      list.push({
        at: down ? next.x : next.y,
        other: down ? far.x + far.w / 2 : far.y + far.h / 2,
        set: (along) => {
          const deep = inset(kind, box, along, down, atStart) * (atStart ? 1 : -1);
          put(
            down
              ? { x: box.x + along, y: (atStart ? box.y : box.y + box.h) + deep }
              : { x: (atStart ? box.x : box.x + box.w) + deep, y: box.y + along },
          );
        },
      });
    };
    port(first, from, !forward, way.points[0] ?? centre(to), to, (point) => (plan.start = point));
    port(second, to, forward, way.points.at(-1) ?? centre(from), from, (point) => (plan.end = point));
  }
  for (const [key, list] of sides) {
    const box = boxes.get(key.slice(0, -2));
    if (!box) continue;
    list.sort((a, b) => a.at - b.at || a.other - b.other);
    const length = down ? box.w : box.h;
    const step = list.length > 1 ? Math.min(SPREAD, (length * 0.72) / (list.length - 1)) : 0;
    list.forEach((one, at) => one.set(length / 2 + (at - (list.length - 1) / 2) * step));
  }
  plans.forEach((plan) => found.set(plan.edge.id, drawn(plan, down)));
  return found;
}

const centre = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });
const n = (value: number): string => String(Math.round(value * 10) / 10);

function drawn(plan: Plan, down: boolean): Route {
  const { edge, way, start, end } = plan;
  const sign = way.along;
  // The line stops inside the arrowhead, so that its end does not stick out of the tip.
  const back = (HEAD - 1) * sign;
  const tip = edge.flow === 1 ? end : start;
  const first = edge.flow === 1 ? start : shifted(start, back, down);
  const last = edge.flow === 1 ? shifted(end, -back, down) : end;
  const head = arrowhead(tip, edge.flow === 1 ? sign : -sign, down);
  if (way.lanes.length) {
    const corner = lanes(first, last, way, sign);
    return { line: rounded(corner), head, middle: between(corner) };
  }
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
  return { line, head, middle: { x: (p.x + 3 * c.x + 3 * d.x + q.x) / 8, y: (p.y + 3 * c.y + 3 * d.y + q.y) / 8 } };
}

const shifted = (p: Point, by: number, down: boolean): Point => (down ? { x: p.x, y: p.y + by } : { x: p.x + by, y: p.y });

function arrowhead(tip: Point, sign: number, down: boolean): string {
  const wing = 4.2;
  const at = (along: number, across: number): string =>
    down ? `${n(tip.x + across)},${n(tip.y - sign * along)}` : `${n(tip.x - sign * along)},${n(tip.y + across)}`;
  return `M${at(0, 0)}L${at(HEAD, -wing)}Q${at(HEAD - 2, 0)} ${at(HEAD, wing)}Z`;
}

/** From one row to another: out of the box, along the lane between the rows, into the other box. */
function lanes(start: Point, end: Point, way: Way, sign: number): Point[] {
  const out = start.x + STUB * sign;
  const into = end.x - STUB * sign;
  const [first = 0, last = first] = way.lanes;
  const points = [start, { x: out, y: start.y }, { x: out, y: first }];
  if (last !== first) points.push({ x: -STUB - 6, y: first }, { x: -STUB - 6, y: last });
  points.push({ x: into, y: last }, { x: into, y: end.y }, end);
  return points;
}

function rounded(points: Point[]): string {
  const start = points[0] as Point;
  let line = `M${n(start.x)},${n(start.y)}`;
  for (let at = 1; at + 1 < points.length; at++) {
    const [a, p, b] = [points[at - 1], points[at], points[at + 1]] as [Point, Point, Point];
    const before = toward(p, a);
    const after = toward(p, b);
    line += `L${n(before.x)},${n(before.y)}Q${n(p.x)},${n(p.y)} ${n(after.x)},${n(after.y)}`;
  }
  const end = points[points.length - 1] as Point;
  return `${line}L${n(end.x)},${n(end.y)}`;
}

function toward(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const by = Math.min(TURN, length / 2) / length;
  return { x: from.x + (to.x - from.x) * by, y: from.y + (to.y - from.y) * by };
}

function between(points: Point[]): Point {
  let longest = 0;
  let middle = points[0] as Point;
  for (let at = 0; at + 1 < points.length; at++) {
    const [a, b] = [points[at], points[at + 1]] as [Point, Point];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length > longest) {
      longest = length;
      middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    }
  }
  return middle;
}

/** An element that is related to itself. */
function loop(box: Box): Route {
  const x = box.x + box.w - 26;
  const y = box.y + 2;
  return {
    line: `M${n(x - 14)},${n(y)}C${n(x - 18)},${n(y - 30)} ${n(x + 18)},${n(y - 30)} ${n(x + 12)},${n(y - 7)}`,
    head: `M${n(x + 11)},${n(y + 1)}L${n(x + 8)},${n(y - 8)}L${n(x + 16)},${n(y - 7)}Z`,
    middle: { x, y: y - 22 },
  };
}
