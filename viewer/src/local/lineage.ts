/** What led to an element, and what came of it: the same as graph/reasons/influence.py says. */

import type { Graph } from "./graph";

// Ways from what was influenced to what influenced it; which one a relation has, and which have none, is said in Python.
const PLAIN = 1;
const UP = 2;
const DOWN = 4;
const FIELD = 8;
// Ways not taken after another, towards the cause: membership is never followed there and back (all packages would
// have led to each of them), and a field says something of one element, not of that element's members.
const NOT_AFTER: Record<number, number> = { [PLAIN]: 0, [UP]: DOWN | FIELD, [DOWN]: UP, [FIELD]: 0 };
const WAYS = [PLAIN, UP, DOWN, FIELD];

type Links = (graph: Graph, id: string) => Generator<[way: number, id: string]>;

/** Everything that led to a node, or to any node of a group. */
export function ancestors(graph: Graph, id: string): Set<string> {
  return closure(graph, id, causes, (last, way) => ((NOT_AFTER[last] ?? 0) & way) !== 0);
}

/** Everything that came of a node, or of any node of a group. */
export function descendants(graph: Graph, id: string): Set<string> {
  return closure(graph, id, effects, (last, way) => ((NOT_AFTER[way] ?? 0) & last) !== 0);
}

function* causes(graph: Graph, id: string): Generator<[number, string]> {
  for (const { flow, way, target } of graph.outgoing.get(id) ?? []) if (flow < 0 && way) yield [way, target];
  for (const { flow, way, source } of graph.incoming.get(id) ?? []) {
    if (flow > 0) yield [PLAIN, source];
    else if (way === DOWN) yield [UP, source];
  }
}

function* effects(graph: Graph, id: string): Generator<[number, string]> {
  for (const { flow, way, source } of graph.incoming.get(id) ?? []) if (flow < 0 && way) yield [way, source];
  for (const { flow, way, target } of graph.outgoing.get(id) ?? []) {
    if (flow > 0) yield [PLAIN, target];
    else if (way === DOWN) yield [UP, target];
  }
}

function closure(graph: Graph, id: string, links: Links, forbidden: (last: number, way: number) => boolean): Set<string> {
  const starts = graph.inside(id);
  const banned = new Map(WAYS.map((last) => [last, WAYS.filter((way) => forbidden(last, way)).reduce((sum, way) => sum + way, 0)]));
  // Node to the ways by which it was reached; each is walked on from once.
  const reached = new Map<string, number>();
  const left: [string, number][] = starts.map((start) => [start, PLAIN]);
  for (let next = left.pop(); next; next = left.pop()) {
    const [at, last] = next;
    const notNow = banned.get(last) ?? 0;
    for (const [way, other] of links(graph, at)) {
      if (way & notNow) continue;
      const known = reached.get(other) ?? 0;
      if (known & way) continue;
      reached.set(other, known | way);
      left.push([other, way]);
    }
  }
  for (const start of starts) reached.delete(start);
  return new Set(reached.keys());
}
