import dagre from "@dagrejs/dagre";
import { type Block, blocks } from "./blocks";
import { type Box, FOLDED, type Inside, LEGIBLE, MARGIN, NARROW, type Point, type Size, type Way } from "./geometry";
import { grid } from "./grid";
import { BAR, barWidth, PAD, SHEETS } from "./measure";
import { type Route, routes } from "./routes";
import { pair, type Tree } from "./tree";
import type { Scene, SceneEdge, SceneNode } from "./types";

/** Where everything is. */
export interface Laid {
  boxes: Map<string, Box>;
  routes: Map<string, Route>;
  bounds: Box;
  /** Groups as they are inside, and where that begins. */
  insides: Map<string, Inside>;
  origins: Map<string, Point>;
  /** Top to bottom instead of left to right. */
  down: boolean;
  /** What of the room decided on this layout: another room with the same key would get the same. */
  key: string;
}

const MOST_IN_LAYERS = 90;
/** With more boxes than this at once, few crossings matter less than to see them soon. */
const MANY = 240;

interface Member {
  id: string;
  leaf: SceneNode | null;
  size: Size;
}

/** Lays scenes out, one group at a time; what a group looks like inside is kept while its content is the same. */
export class Layouter {
  private kept = new Map<string, { key: string; inside: Inside }>();
  private orders = new Map<string, string[]>();

  /** Place the boxes; `lead` draws the arrows once the boxes are where they stay. */
  layout(scene: Scene, tree: Tree, sizes: Map<string, Size>, room: Size): Laid {
    const narrow = room.w < NARROW;
    const insides = new Map<string, Inside>();
    const inside = (group: string): Inside => {
      const members = this.inOrder(group, tree).map((id): Member => {
        const leaf = tree.nodes.get(id) ?? null;
        if (leaf) return { id, leaf, size: { ...(sizes.get(id) ?? { w: 120, h: 40 }) } };
        const within = inside(id);
        const title = tree.groups.get(id);
        const least = title ? barWidth(title.title, title.count) : 0;
        return { id, leaf, size: { w: Math.max(least, within.w + 2 * PAD), h: within.h + BAR + PAD } };
      });
      even(members);
      const hasty = scene.nodes.length > MANY && members.length > 20;
      const pairs = tree.pairs(group);
      const limits = group ? [] : [room.w, room.h];
      const key = JSON.stringify([narrow, limits, members.map((m) => [m.id, m.size.w, m.size.h]), pairs]);
      const name = `${scene.level} ${group}`;
      const before = this.kept.get(name);
      const found =
        before?.key === key ? before.inside : group ? arrange(members, pairs, narrow, hasty, room) : outermost(scene.level, members, pairs, room);
      // Insides of groups that are folded for now are kept as well: they are likely to be opened again.
      this.kept.set(name, { key, inside: found });
      insides.set(group, found);
      return found;
    };
    if (this.kept.size > 1000) this.kept.clear();
    const top = inside("");
    const boxes = new Map<string, Box>();
    const origins = new Map<string, Point>();
    const place = (group: string, x: number, y: number): void => {
      origins.set(group, { x, y });
      for (const [id, box] of insides.get(group)?.at ?? []) {
        boxes.set(id, { ...box, x: box.x + x, y: box.y + y });
        if (insides.has(id)) place(id, box.x + x + PAD, box.y + y + BAR);
      }
    };
    place("", 0, 0);
    return {
      boxes,
      routes: new Map(),
      insides,
      origins,
      bounds: { x: 0, y: 0, w: top.w, h: top.h },
      down: Boolean(top.down),
      key: JSON.stringify([narrow, [...top.at.values()].map(({ x, y }) => [x, y])]),
    };
  }

  /**
   * Whoever was here before keeps its place in the order. A scene lists open groups apart from everything else:
   * one that is open from the start goes where its arrows say.
   */
  private inOrder(group: string, tree: Tree): string[] {
    const ids = tree.members(group);
    const here = new Set(ids);
    const order = (this.orders.get(group) ?? []).filter((id) => here.has(id));
    const known = new Set(order);
    const fresh = ids.filter((id) => !known.has(id));
    for (const id of fresh.filter((one) => !tree.groups.has(one))) {
      const previous = ids[ids.indexOf(id) - 1] ?? "";
      order.splice(tree.groups.has(previous) ? order.length : order.indexOf(previous) + 1, 0, id);
    }
    let first = 0;
    const pairs = tree.pairs(group).filter(([from, to]) => isStep(from) === isStep(to));
    for (const id of fresh.filter((one) => tree.groups.has(one))) {
      const after = pairs.filter(([from]) => from === id).map(([, to]) => order.indexOf(to)).filter((at) => at >= 0);
      const before = pairs.filter(([, to]) => to === id).map(([from]) => order.indexOf(from));
      const place = before.length ? Math.max(...before) + 1 : after.length ? Math.min(...after) : order.length;
      // Only steps have an order of their own: what is around them is rather read first.
      order.splice(isStep(id) ? place : first++, 0, id);
    }
    this.orders.set(group, order);
    return order;
  }
}

/** Lead the arrows from box to box. */
export function lead(laid: Laid, edges: SceneEdge[], tree: Tree): void {
  laid.routes = routes(edges, tree, laid.boxes, laid.insides, laid.origins);
}

/** The pipeline's steps have the same ids on both levels. */
const isStep = (id: string): boolean => id.startsWith("step:");

/**
 * The outermost members. A pipeline that does not fit in one line is broken into rows; so are groups,
 * always, because what is around the steps (experiment, notebook, environment) would stretch them to a strip,
 * and because the steps keep the places then that they have on the analyst's level.
 */
function outermost(level: Scene["level"], members: Member[], pairs: [string, string, number][], room: Size): Inside {
  const groups = members.filter(({ leaf }) => !leaf || leaf.kind === "group").length;
  const inGrid = level === "engineer" && groups * 2 >= members.length && groups > 2 && members.length <= 24;
  const flowing = inGrid ? null : arrange(members, pairs, level === "engineer" && room.w < NARROW);
  const fits = flowing && (flowing.w + 2 * MARGIN) * LEGIBLE <= room.w;
  if (flowing && (fits || level === "engineer" || members.length > 60)) return flowing;
  if (flowing && room.w < 480) return arrange(members, pairs, true);
  if (inGrid) for (const { leaf, size } of members) if (leaf?.kind === "group") size.w = Math.max(size.w, FOLDED);
  const order = !flowing ? members : [...members].sort((a, b) => before(flowing, a.id) - before(flowing, b.id));
  const cells = order.map(({ id, size, leaf }) => ({ id, size, grows: Boolean(leaf), below: leaf?.kind === "group" ? SHEETS : 0, band: inGrid && isStep(id) ? 1 : 0 }));
  return grid(cells, pairs, room);
}

/** Where a member is in the flow, as one number. */
function before(inside: Inside, id: string): number {
  const box = inside.at.get(id);
  return (inside.ranks.get(id) ?? 1000) * 100_000 + (box?.y ?? 0);
}

/** Boxes of one kind beside each other get one width (steps one height too): aligned edges read more calmly. */
function even(members: Member[]): void {
  const leaves = members.filter((member) => member.leaf);
  const steps = leaves.filter((member) => member.leaf?.kind === "step");
  for (const some of [steps, leaves.filter((member) => member.leaf?.kind !== "step")]) {
    const w = Math.max(0, ...some.map((member) => member.size.w));
    for (const member of some) member.size.w = w;
  }
  const h = Math.max(0, ...steps.map((member) => member.size.h));
  for (const member of steps) member.size.h = h;
}

function arrange(members: Member[], pairs: [string, string, number][], down: boolean, hasty = false, room?: Size): Inside {
  const joined = new Set(pairs.flatMap(([from, to]) => [from, to]));
  const connected = members.filter((member) => joined.has(member.id));
  if (connected.length > MOST_IN_LAYERS) return unlayered(members, pairs);
  const inGroup = Boolean(room);
  const shape = down ? 0.9 : 1.6;
  let inside = wrapped(connected, pairs, down, hasty, inGroup, shape);
  if (room && Math.min(inside.w, inside.h) && connected.length <= 24) {
    const fit = ({ w, h }: Size): number => Math.min(room.w / w, room.h / h, 1);
    // Long and thin: the other way round it may be seen whole, or nearly.
    if (fit(inside) < 0.8) {
      const other = wrapped(connected, pairs, !down, hasty, inGroup, shape);
      if (fit(other) > 1.6 * fit(inside)) inside = other;
    }
  }
  shelve(
    members.filter((member) => !joined.has(member.id)),
    inside,
  );
  return inside;
}

/** Too many for layers in a moment, and for anybody to follow the arrows: in rows, in the order of the scene. */
function unlayered(members: Member[], pairs: [string, string, number][]): Inside {
  const inside: Inside = { w: 0, h: 0, at: new Map(), ranks: new Map(), ways: new Map() };
  shelve(members, inside);
  const x = (id: string): number => inside.at.get(id)?.x ?? 0;
  for (const [from, to] of pairs) inside.ways.set(pair(from, to), { points: [], along: x(from) <= x(to) ? 1 : -1 });
  return inside;
}

/** What is joined by arrows, in layers; in a full layer, what hangs on the same others is in rows. */
function wrapped(members: Member[], pairs: [string, string, number][], down: boolean, hasty: boolean, inGroup: boolean, shape: number): Inside {
  const plain = flow(members, pairs, down, hasty, inGroup);
  const can = members.map((member) => ({ ...member, wraps: Boolean(member.leaf) && member.leaf?.kind !== "step" }));
  const found = blocks(can, pairs, plain.ranks, down, shape);
  if (!found.length) return plain;
  const blockOf = new Map<string, Block>();
  for (const block of found) for (const id of block.at.keys()) blockOf.set(id, block);
  const stands = (id: string): string => blockOf.get(id)?.id ?? id;
  const outer: Member[] = [];
  for (const member of members) {
    const block = blockOf.get(member.id);
    if (!block) outer.push(member);
    else if (!outer.some(({ id }) => id === block.id)) outer.push({ id: block.id, leaf: member.leaf, size: block.size });
  }
  const weights = new Map<string, [string, string, number]>();
  for (const [from, to, weight] of pairs) {
    const key = pair(stands(from), stands(to));
    weights.set(key, [stands(from), stands(to), (weights.get(key)?.[2] ?? 0) + weight]);
  }
  const inside = flow(outer, [...weights.values()], down, hasty, inGroup);
  const ways = new Map<string, Way>();
  const origin = new Map(found.map(({ id }) => [id, inside.at.get(id) ?? { x: 0, y: 0 }]));
  const through = (id: string, side: "start" | "end"): Point[] => {
    const block = blockOf.get(id);
    const { x, y } = origin.get(block?.id ?? "") ?? { x: 0, y: 0 };
    return (block?.way(id, side) ?? []).map((point) => ({ x: point.x + x, y: point.y + y }));
  };
  for (const [from, to] of pairs) {
    const { points, along } = inside.ways.get(pair(stands(from), stands(to))) ?? { points: [], along: 1 as const };
    const [leaves, comes] = along === 1 ? (["end", "start"] as const) : (["start", "end"] as const);
    ways.set(pair(from, to), { points: [...through(from, leaves).reverse(), ...points, ...through(to, comes)], along });
  }
  inside.ways = ways;
  for (const block of found) {
    const { x, y } = origin.get(block.id) ?? { x: 0, y: 0 };
    const rank = inside.ranks.get(block.id) ?? 0;
    for (const [id, box] of block.at) {
      inside.at.set(id, { ...box, x: box.x + x, y: box.y + y });
      inside.ranks.set(id, rank);
    }
    inside.at.delete(block.id);
    inside.ranks.delete(block.id);
  }
  return inside;
}

/** What is joined by arrows, in layers. */
function flow(members: Member[], pairs: [string, string, number][], down: boolean, hasty: boolean, inGroup: boolean): Inside {
  const inside: Inside = { w: 0, h: 0, at: new Map(), ranks: new Map(), ways: new Map(), down };
  if (!members.length) return inside;
  const graph = new dagre.graphlib.Graph();
  const open = members.some((member) => !member.leaf);
  const steps = members.every((member) => member.leaf?.kind === "step");
  graph.setGraph({
    rankdir: down ? "TB" : "LR",
    ranker: "tight-tree",
    // Begins at the group's handle, where the eye is.
    align: inGroup ? "UL" : undefined,
    nodesep: down || steps || open ? 28 : 18,
    edgesep: 14,
    ranksep: steps ? 52 : down ? 52 : 64,
  });
  // Ids come from documents, and the library keeps them in plain objects: "__proto__" is no name there.
  const name = new Map(members.map(({ id }, at) => [id, `n${at}`]));
  const called = (id: string): string => name.get(id) ?? "";
  for (const { id, size } of members) graph.setNode(called(id), { width: size.w, height: size.h });
  for (const [from, to, weight] of pairs) graph.setEdge(called(from), called(to), { weight: Math.min(4, weight) });
  dagre.layout(graph, { disableOptimalOrderHeuristic: hasty });
  const spans = new Map<number, [number, number]>();
  for (const { id, size } of members) {
    const { x = 0, y = 0, rank = 0 } = graph.node(called(id)) as { x?: number; y?: number; rank?: number };
    const box = { x: Math.round(x - size.w / 2), y: Math.round(y - size.h / 2), w: size.w, h: size.h };
    inside.at.set(id, box);
    inside.ranks.set(id, rank);
    const [from, to] = down ? [box.y, box.y + box.h] : [box.x, box.x + box.w];
    const span = spans.get(rank);
    spans.set(rank, [Math.min(from, span?.[0] ?? from), Math.max(to, span?.[1] ?? to)]);
    inside.w = Math.max(inside.w, box.x + box.w);
    inside.h = Math.max(inside.h, box.y + box.h);
  }
  const layers = [...spans.values()];
  for (const [from, to] of pairs) {
    const along = (inside.ranks.get(from) ?? 0) <= (inside.ranks.get(to) ?? 0) ? 1 : -1;
    const edge = graph.edge(called(from), called(to)) as { points?: Point[] } | undefined;
    inside.ways.set(pair(from, to), { points: past(edge?.points ?? [], layers, down, along), along });
  }
  for (const way of inside.ways.values())
    for (const point of way.points) {
      inside.w = Math.max(inside.w, point.x);
      inside.h = Math.max(inside.h, point.y);
    }
  return inside;
}

/** Straight through a layer of boxes, so that the curves are in the gaps between layers only. */
function past(points: Point[], layers: [number, number][], down: boolean, along: 1 | -1): Point[] {
  const found: Point[] = [];
  for (const point of points.slice(1, -1)) {
    const main = down ? point.y : point.x;
    const layer = layers.find(([from, to]) => Math.abs((from + to) / 2 - main) < 2);
    if (!layer) continue;
    for (const at of along === 1 ? layer : [layer[1], layer[0]])
      found.push(down ? { x: point.x, y: at } : { x: at, y: point.y });
  }
  return found;
}

/** What no arrow joins, in rows below: a strip of forty boxes could not be read. */
function shelve(members: Member[], inside: Inside): void {
  if (!members.length) return;
  const gap = 16;
  const area = members.reduce((sum, { size }) => sum + (size.w + gap) * (size.h + gap), 0);
  const widest = Math.max(...members.map(({ size }) => size.w));
  const room = Math.max(inside.w, widest, Math.sqrt(area * 1.9));
  let x = 0;
  let y = inside.at.size ? inside.h + 28 : 0;
  let tall = 0;
  for (const { id, size } of members) {
    if (x && x + size.w > room) {
      x = 0;
      y += tall + gap;
      tall = 0;
    }
    inside.at.set(id, { x, y, w: size.w, h: size.h });
    inside.w = Math.max(inside.w, x + size.w);
    inside.h = Math.max(inside.h, y + size.h);
    tall = Math.max(tall, size.h);
    x += size.w + gap;
  }
}
