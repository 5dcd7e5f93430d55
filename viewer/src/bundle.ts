import type { Scene, SceneEdge } from "./types";

/** An arrow as it is drawn: with a head at both ends where it stands for arrows both ways. */
export interface Bundle extends SceneEdge {
  both: boolean;
}

/** Arrows both ways between two boxes, one of them a folded group, are one line: twice as calm, and nothing is lost. */
export function bundles(scene: Scene): Bundle[] {
  const folded = new Set(scene.nodes.filter((node) => node.kind === "group").map((node) => node.id));
  const found = new Map<string, Bundle>();
  for (const edge of scene.edges) {
    const joined = folded.has(edge.source) || folded.has(edge.target);
    const back = joined ? found.get(JSON.stringify([edge.target, edge.source])) : undefined;
    const key = joined ? JSON.stringify([edge.source, edge.target]) : edge.id;
    if (!back) {
      const same = found.get(key);
      if (same) add(same, edge);
      else found.set(key, { ...edge, kinds: { ...edge.kinds }, both: false });
      continue;
    }
    back.both = true;
    add(back, edge);
  }
  return [...found.values()];
}

function add(to: Bundle, edge: SceneEdge): void {
  to.count += edge.count;
  for (const [kind, many] of Object.entries(edge.kinds)) to.kinds[kind] = (Object.hasOwn(to.kinds, kind) ? (to.kinds[kind] ?? 0) : 0) + many;
  if (to.kind !== edge.kind) to.kind = "";
  if (to.role !== edge.role) to.role = "";
}
