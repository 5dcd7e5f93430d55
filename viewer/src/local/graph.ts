/** One level of a page of its own, with what is quick to look up in it. */

import type { SceneGroup, SceneNode, WholeEdge } from "../types";

export type Group = SceneGroup & Partial<SceneNode>;
/** Of a page, or of what is drawn. */
export type Relation = Omit<WholeEdge, "way"> & { way?: number };

interface Parts {
  nodes: SceneNode[];
  groups: Group[];
  edges: Relation[];
}

export class Graph {
  readonly nodes = new Map<string, SceneNode>();
  readonly groups = new Map<string, Group>();
  readonly edges: Relation[];
  /** Group to what is directly in it; "" is the top. */
  readonly members = new Map<string, string[]>();
  readonly subgroups = new Map<string, string[]>();
  readonly outgoing = new Map<string, Relation[]>();
  readonly incoming = new Map<string, Relation[]>();

  constructor(level: Parts) {
    for (const node of level.nodes) {
      this.nodes.set(node.id, node);
      push(this.members, node.parent, node.id);
    }
    for (const group of level.groups) {
      this.groups.set(group.id, group);
      push(this.subgroups, group.parent, group.id);
    }
    this.edges = level.edges;
    for (const edge of level.edges) {
      push(this.outgoing, edge.source, edge);
      push(this.incoming, edge.target, edge);
    }
  }

  has(id: string): boolean {
    return this.nodes.has(id) || this.groups.has(id);
  }

  /** Groups around a node or group, outermost first. */
  path(id: string): string[] {
    const found: string[] = [];
    let at = (this.nodes.get(id) ?? this.groups.get(id))?.parent ?? "";
    while (at) {
      found.unshift(at);
      at = this.groups.get(at)?.parent ?? "";
    }
    return found;
  }

  /** Nodes in a group, at any depth; a node itself. */
  inside(id: string): string[] {
    if (this.nodes.has(id)) return [id];
    const found: string[] = [];
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      found.push(...(this.members.get(at) ?? []));
      open.push(...(this.subgroups.get(at) ?? []));
    }
    return found;
  }
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
