/** What is drawn, for a page of its own: the same boxes and arrows as graph/levels/scene.py gives. */

import type { Level, Scene, SceneEdge, SceneNode } from "../types";
import type { Graph, Group } from "./graph";

export const MAX_NODES = 400;

export function sceneOf(graph: Graph, level: Level, opened: readonly string[]): Scene {
  const { shown, left } = shownOf(graph, opened);
  const nodes: SceneNode[] = [];
  for (const parent of ["", ...shown.keys()]) {
    for (const id of graph.subgroups.get(parent) ?? []) {
      const group = graph.groups.get(id);
      if (group && !shown.has(id)) nodes.push(box(group));
    }
    for (const id of graph.members.get(parent) ?? []) nodes.push(graph.nodes.get(id)!);
  }
  const stay = left === 1 ? "One group stays" : `${left} groups stay`;
  return {
    level,
    nodes,
    groups: [...shown.values()].map(({ id, parent, title, count }) => ({ id, parent, title, count })),
    edges: edgesOf(graph, shown),
    note: left ? `${stay} folded: no more than ${MAX_NODES} boxes are drawn at once.` : "",
  };
}

/** What stands for a node or group in the scene: itself, or the folded group around it; "" for what there is not. */
export function sight(graph: Graph, opened: readonly string[]): (id: string) => string {
  const folded = foldedOf(graph, shownOf(graph, opened).shown);
  return (id) => {
    const parent = (graph.nodes.get(id) ?? graph.groups.get(id))?.parent;
    return parent === undefined ? "" : folded.get(parent) || id;
  };
}

/** Groups that have to be open for these to be seen, parents first. */
export function pathGroups(graph: Graph, ids: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const id of ids) for (const group of graph.path(id)) found.add(group);
  return [...found];
}

/** Open groups whose parents are open too, as far as there is room; where there is not, the last ones asked for win. */
function shownOf(graph: Graph, opened: readonly string[]): { shown: Map<string, Group>; left: number } {
  const children = (group: string): number =>
    (graph.members.get(group)?.length ?? 0) + (graph.subgroups.get(group)?.length ?? 0);
  const known = opened.filter((id) => graph.groups.has(id));
  const wanted = new Set(known);
  const room = new Set<string>();
  let boxes = children("");
  let left = 0;
  for (const id of [...known].reverse()) {
    const path = [...graph.path(id), id];
    if (!path.every((one) => wanted.has(one))) continue;
    const fresh = path.filter((one) => !room.has(one));
    const more = fresh.reduce((sum, one) => sum + children(one) - 1, 0);
    if (boxes + more <= MAX_NODES) {
      boxes += more;
      for (const one of fresh) room.add(one);
    } else if (!room.has(id)) left += 1;
  }
  return { shown: new Map([...graph.groups].filter(([id]) => room.has(id))), left };
}

/** A folded group; a page may carry more of it than its title. */
function box(group: Group): SceneNode {
  return {
    id: group.id,
    parent: group.parent,
    kind: "group",
    title: group.title,
    type: "",
    headline: group.headline ?? "",
    headline_label: group.headline_label ?? "",
    lines: group.lines ?? [],
    state: group.state ?? "",
    note: group.note ?? "",
    count: group.count,
  };
}

/** Group to the folded group that stands for it; "" where its nodes are seen themselves. */
function foldedOf(graph: Graph, shown: Map<string, Group>): Map<string, string> {
  const folded = new Map<string, string>([["", ""]]);
  for (const [id, { parent }] of graph.groups) folded.set(id, folded.get(parent) || (shown.has(id) ? "" : id));
  return folded;
}

class Arrows {
  private readonly found = new Map<string, Map<string, SceneEdge>>();

  add(source: string, target: string, kind: string, number: number, role: string, flow: number): void {
    let targets = this.found.get(source);
    if (!targets) this.found.set(source, (targets = new Map()));
    let arrow = targets.get(target);
    if (!arrow) {
      // The length keeps apart what odd names could make equal; it counts characters as Python does.
      const id = `${[...source].length}:${source}>${target}`;
      arrow = { id, source, target, kind: "", kinds: {}, count: 0, role: "", flow };
      targets.set(target, arrow);
      this.order.push(arrow);
    }
    arrow.role = !arrow.count || role === arrow.role ? role : "";
    arrow.count += number;
    arrow.kinds[kind] = (arrow.kinds[kind] ?? 0) + number;
  }

  readonly order: SceneEdge[] = [];
}

const BETWEEN = new WeakMap<Graph, SceneEdge[]>();

/** Arrows from group to group; counted once, because folding asks for them again and again. */
function between(graph: Graph): SceneEdge[] {
  const known = BETWEEN.get(graph);
  if (known) return known;
  const arrows = new Arrows();
  for (const { source, target, kind, role, flow } of graph.edges) {
    const from = graph.nodes.get(source)?.parent ?? "";
    const to = graph.nodes.get(target)?.parent ?? "";
    if (from !== to) arrows.add(from, to, kind, 1, role, flow);
  }
  BETWEEN.set(graph, arrows.order);
  return arrows.order;
}

function edgesOf(graph: Graph, shown: Map<string, Group>): SceneEdge[] {
  const folded = foldedOf(graph, shown);
  const fold = (node: string): string => folded.get(graph.nodes.get(node)?.parent ?? "") ?? "";
  const arrows = new Arrows();
  for (const { source, target, kinds, role, flow } of between(graph)) {
    const from = folded.get(source);
    const to = folded.get(target);
    if (!from || !to || from === to) continue;
    for (const [kind, number] of Object.entries(kinds)) arrows.add(from, to, kind, number, role, flow);
  }
  for (const group of ["", ...shown.keys()]) {
    for (const id of graph.members.get(group) ?? []) {
      const out = graph.outgoing.get(id) ?? [];
      // Those that start in what is drawn are counted where they start.
      const into = (graph.incoming.get(id) ?? []).filter(({ source }) => fold(source));
      for (const { source, target, kind, role, flow } of [...out, ...into]) {
        arrows.add(fold(source) || source, fold(target) || target, kind, 1, role, flow);
      }
    }
  }
  for (const arrow of arrows.order) {
    const [kind = "", ...others] = Object.keys(arrow.kinds);
    arrow.kind = others.length ? "" : kind;
  }
  return arrows.order;
}
