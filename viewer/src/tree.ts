import type { Scene, SceneEdge, SceneNode } from "./types";

/** Names the arrow from one member of a group to another. */
export const pair = (from: string, to: string): string => JSON.stringify([from, to]);

/** The two ends of an edge in the order of the flow. */
export const ends = (edge: SceneEdge): [string, string] =>
  edge.flow === 1 ? [edge.source, edge.target] : [edge.target, edge.source];

/** Who is in which group, and which arrows of a group stand for an edge. */
export class Tree {
  readonly nodes: Map<string, SceneNode>;
  readonly groups: Map<string, Scene["groups"][number]>;
  private inGroup = new Map<string, string[]>();
  private lifted = new Map<string, Map<string, [string, string, number]>>();

  constructor(scene: Scene, edges: SceneEdge[]) {
    this.nodes = new Map(scene.nodes.map((node) => [node.id, node]));
    this.groups = new Map(scene.groups.map((group) => [group.id, group]));
    for (const one of [...scene.groups, ...scene.nodes]) {
      const parent = this.groups.has(one.parent) ? one.parent : "";
      const list = this.inGroup.get(parent);
      if (list) list.push(one.id);
      else this.inGroup.set(parent, [one.id]);
    }
    for (const edge of edges) {
      const [first, second] = ends(edge);
      if (!this.nodes.has(first) || !this.nodes.has(second)) continue;
      const [group, a, b] = this.common(first, second);
      if (a === b) continue;
      const pairs = this.lifted.get(group) ?? new Map<string, [string, string, number]>();
      this.lifted.set(group, pairs);
      const before = pairs.get(pair(a, b));
      if (before) before[2] += 1;
      else pairs.set(pair(a, b), [a, b, 1]);
    }
  }

  members(group: string): string[] {
    return this.inGroup.get(group) ?? [];
  }

  pairs(group: string): [string, string, number][] {
    return [...(this.lifted.get(group)?.values() ?? [])];
  }

  /** The node or group and the groups around it, innermost first, "" last. */
  chain(id: string): string[] {
    const found = [id];
    let at = (this.nodes.get(id) ?? this.groups.get(id))?.parent ?? "";
    while (at && this.groups.has(at) && found.length < 100) {
      found.push(at);
      at = this.groups.get(at)?.parent ?? "";
    }
    found.push("");
    return found;
  }

  /** The innermost group around both, and the members of it that they are or are in. */
  common(first: string, second: string): [string, string, string] {
    const one = this.chain(first).reverse();
    const two = this.chain(second).reverse();
    let at = 0;
    while (at + 1 < one.length && at + 1 < two.length && one[at + 1] === two[at + 1]) at++;
    if (at + 1 >= one.length || at + 1 >= two.length) return [one[at] ?? "", first, first];
    return [one[at] ?? "", one[at + 1] ?? first, two[at + 1] ?? second];
  }
}
