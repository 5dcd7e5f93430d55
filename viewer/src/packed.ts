/** Scenes as they come from Python, which says each name once and nothing that is empty. */

import type { Model, State } from "./model";
import type { PackedScene, Scene, SceneEdge, SceneNode } from "./types";

const EMPTY: Omit<SceneNode, "id" | "kind"> = {
  parent: "",
  title: "",
  type: "",
  headline: "",
  headline_label: "",
  lines: [],
  state: "",
  note: "",
  count: 0,
};

export function unpacked({ level, nodes, groups, kinds, roles, edges, note }: PackedScene): Scene {
  const found: SceneEdge[] = [];
  const all = kinds.map((some) => {
    const names = Object.keys(some);
    const count = names.reduce((sum, name) => sum + (some[name] ?? 0), 0);
    return { kinds: some, kind: names.length === 1 ? (names[0] ?? "") : "", count };
  });
  for (let at = 0; at + 4 < edges.length; at += 5) {
    const source = nodes[edges[at] ?? -1]?.id;
    const target = nodes[edges[at + 1] ?? -1]?.id;
    const many = all[edges[at + 2] ?? -1];
    if (source === undefined || target === undefined || !many) continue;
    // The length keeps apart what odd names could make equal.
    const id = `${source.length}:${source}>${target}`;
    const role = roles[edges[at + 3] ?? -1] ?? "";
    const flow = edges[at + 4] ?? 0;
    found.push({ id, source, target, ...many, role, flow: flow > 0 ? 1 : -1, way: Math.abs(flow) });
  }
  return { level, nodes: nodes.map((node) => ({ ...EMPTY, ...node })), groups, edges: found, note };
}

/** The notebook's model with its scenes unpacked, each once: whoever has seen one knows it again. */
export class Unpacking implements Model {
  private last: unknown = null;
  private scene: Scene | null = null;

  constructor(private model: Model) {}

  get<K extends keyof State>(name: K): State[K] {
    const value = this.model.get(name);
    if (name !== "scene") return value;
    if (value !== this.last || !this.scene) {
      this.last = value;
      this.scene = unpacked(value as unknown as PackedScene);
    }
    return this.scene as State[K];
  }

  set<K extends keyof State>(name: K, value: State[K]): void {
    this.model.set(name, value);
  }

  save_changes(): void {
    this.model.save_changes();
  }

  on(event: string, callback: (...args: any[]) => void): void {
    this.model.on(event, callback);
  }

  off(event?: string | null, callback?: ((...args: any[]) => void) | null): void {
    this.model.off(event, callback);
  }

  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void {
    this.model.send(content, callbacks, buffers);
  }
}
