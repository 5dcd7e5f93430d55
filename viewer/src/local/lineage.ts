/** What led to an element, and what came of it. */

import type { Graph, Relation } from "./graph";

export function before(graph: Graph, id: string): Set<string> {
  return reach(graph, id, -1);
}

export function after(graph: Graph, id: string): Set<string> {
  return reach(graph, id, 1);
}

/** Follow the flow forwards (1) or backwards (-1); what is started from is not in it. */
function reach(graph: Graph, id: string, way: 1 | -1): Set<string> {
  const start = graph.inside(id);
  const seen = new Set(start);
  const open = [...start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const next of neighbours(graph, at, way)) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  for (const one of start) seen.delete(one);
  return seen;
}

function* neighbours(graph: Graph, id: string, way: 1 | -1): Generator<string> {
  const follow = (edge: Relation, outgoing: boolean): boolean => (edge.flow === way) === outgoing;
  for (const edge of graph.outgoing.get(id) ?? []) if (follow(edge, true)) yield edge.target;
  for (const edge of graph.incoming.get(id) ?? []) if (follow(edge, false)) yield edge.source;
}
