/** Search in a page of its own. */

import type { Match, Results, Whole } from "../types";
import type { Graph } from "./graph";

const LIMIT = 50;

export function find(whole: Whole, graph: Graph, query: string): Results {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found: (Match & { rank: number })[] = [];
  for (const [id, fields] of Object.entries(whole.texts)) {
    const hit = fields.find(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
    const node = graph.nodes.get(id);
    if (!hit || !node) continue;
    const at = hit.text.toLowerCase().indexOf(words[0] ?? "");
    const end = at + (words[0]?.length ?? 0);
    found.push({
      id,
      title: node.title,
      where: graph.path(id).map((group) => graph.groups.get(group)?.title ?? group),
      what: hit.what,
      snippet: [hit.text.slice(Math.max(0, at - 30), at), hit.text.slice(at, end), hit.text.slice(end, end + 60)],
      answer: whole.details[id]?.answer ?? "",
      rank: hit.what === "name" ? 0 : 1,
    });
  }
  found.sort((a, b) => a.rank - b.rank);
  return { query, total: found.length, items: found.slice(0, LIMIT) };
}
