/** What stands in for Python in a page of its own: the same choices, checked and answered the same way. */

import { Graph } from "./local/graph";
import { ancestors, descendants } from "./local/lineage";
import { pathGroups, sceneOf, sight } from "./local/scene";
import { Index } from "./local/search";
import type { Model, State } from "./model";
import type { Level, Marks, SearchResults, Whole } from "./types";

type Listener = (...args: unknown[]) => void;
type Chosen = "level" | "selected" | "opened" | "query";

const NOTHING: SearchResults = { query: "", total: 0, items: [] };

export class LocalModel implements Model {
  private readonly whole: Whole;
  private readonly graphs = new Map<Level, Graph>();
  private readonly openedOn = new Map<Level, string[]>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly chosen = new Map<Chosen, unknown>();
  private state: State;
  private indexed: Index | undefined;

  constructor(whole: Whole) {
    this.whole = whole;
    const { level, levels, summary, selected } = whole;
    for (const name of levels) this.openedOn.set(name, whole.opened[name]);
    const opened = whole.opened[level];
    this.state = {
      level,
      levels,
      summary,
      opened,
      selected: "",
      query: "",
      results: NOTHING,
      details: {},
      scene: sceneOf(this.graph(level), level, opened),
      marks: { selected: "", ancestors: [], descendants: [], matches: {} },
    };
    if (selected) this.take({ selected });
    // The first search should not have to wait for it.
    setTimeout(() => this.index(), 300);
  }

  get<K extends keyof State>(name: K): State[K] {
    return this.state[name];
  }

  set<K extends keyof State>(name: K, value: State[K]): void {
    if (name === "level" || name === "selected" || name === "opened" || name === "query") this.chosen.set(name, value);
  }

  save_changes(): void {
    const chosen = Object.fromEntries(this.chosen) as Partial<Pick<State, Chosen>>;
    this.chosen.clear();
    this.take(chosen);
  }

  on(event: string, callback: Listener): void {
    const known = this.listeners.get(event);
    if (known) known.add(callback);
    else this.listeners.set(event, new Set([callback]));
  }

  off(event?: string | null, callback?: Listener | null): void {
    for (const [name, callbacks] of this.listeners) {
      if (event && name !== event) continue;
      if (callback) callbacks.delete(callback);
      else callbacks.clear();
    }
  }

  send(content: unknown): void {
    const graph = this.graph(this.state.level);
    const kind = (content as { kind?: string }).kind;
    if (kind === "fold_all") this.take({ opened: [] });
    else if (kind === "unfold_all") this.take({ opened: this.drawable([...graph.groups.keys()]) });
    else if (kind === "focus") this.focus(graph);
  }

  /** Fold all but the groups on the way to and from what is selected. */
  private focus(graph: Graph): void {
    const here = this.here();
    if (!here) return this.take({ opened: [] });
    const ids = [here, ...ancestors(graph, here), ...descendants(graph, here)].filter((id) => graph.nodes.has(id));
    const opened = this.drawable(pathGroups(graph, ids));
    this.take({ opened: [...opened, ...graph.path(here).filter((group) => !opened.includes(group))] });
  }

  private drawable(opened: string[]): string[] {
    const { level } = this.state;
    return sceneOf(this.graph(level), level, opened).groups.map(({ id }) => id);
  }

  private graph(level: Level): Graph {
    const known = this.graphs.get(level);
    if (known) return known;
    const graph = new Graph(this.whole.models[level]);
    this.graphs.set(level, graph);
    return graph;
  }

  private levelOf(id: string): Level | undefined {
    return [this.state.level, ...this.whole.levels].find((level) => this.graph(level).has(id));
  }

  /** What stands for the selected element on this level; "" where nothing does. */
  private here(): string {
    const { level, selected } = this.state;
    const graph = this.graph(level);
    if (!selected || graph.has(selected)) return selected;
    const other = this.counterpart(selected);
    return graph.has(other) ? other : "";
  }

  /** What stands on this level for what is on the other: a box for an element, the first element for a box. */
  private counterpart(id: string): string {
    if (this.graph(this.state.level).has(id)) return id;
    // Ids come from documents: "constructor" is one that every object has.
    const { stands_for } = this.whole;
    const box = Object.hasOwn(stands_for, id) ? stands_for[id] : undefined;
    return box ?? Object.entries(stands_for).find(([, other]) => other === id)?.[0] ?? "";
  }

  private described(id: string): State["details"] {
    const level = this.levelOf(id);
    const known = level && this.whole.details[level];
    return (known && Object.hasOwn(known, id) && known[id]) || {};
  }

  /** Change what is chosen, then all that follows from it, then tell of what is different. */
  private take(chosen: Partial<Pick<State, Chosen>>): void {
    const last = this.state;
    const next = (this.state = { ...last });
    if (chosen.level && this.whole.levels.includes(chosen.level)) next.level = chosen.level;
    if (chosen.query !== undefined) next.query = chosen.query;
    if (chosen.opened) this.openedOn.set(next.level, chosen.opened.filter((id) => this.graph(next.level).groups.has(id)));
    const moved = chosen.selected !== undefined && chosen.selected !== last.selected;
    if (moved && (chosen.selected === "" || this.levelOf(chosen.selected ?? ""))) next.selected = chosen.selected ?? "";
    if (moved || next.level !== last.level) this.bringIntoSight(moved);
    next.opened = this.openedOn.get(next.level) ?? [];
    const same = next.level === last.level && equal(next.opened, last.opened);
    if (same) next.opened = last.opened;
    else next.scene = sceneOf(this.graph(next.level), next.level, next.opened);
    if (next.query !== last.query) next.results = this.found();
    if (moved || next.level !== last.level) next.details = this.described(next.selected);
    if (!same || moved || next.query !== last.query) next.marks = this.marked();
    for (const name of Object.keys(next) as (keyof State)[]) {
      if (next[name] !== last[name]) for (const call of [...(this.listeners.get(`change:${name}`) ?? [])]) call();
    }
  }

  private bringIntoSight(moved: boolean): void {
    if (!this.state.selected) return;
    if (!this.here() && moved) this.state.level = this.levelOf(this.state.selected) ?? this.state.level;
    const here = this.here();
    if (!here) return;
    const { level } = this.state;
    const opened = this.openedOn.get(level) ?? [];
    const missing = this.graph(level).path(here).filter((group) => !opened.includes(group));
    if (missing.length) this.openedOn.set(level, [...opened, ...missing]);
  }

  private marked(): Marks {
    const { level, opened } = this.state;
    const graph = this.graph(level);
    const here = this.here();
    const seen = sight(graph, opened);
    const selected = here && seen(here);
    const through = (ids: Iterable<string>): string[] => {
      const found = new Set([...ids].map(seen));
      found.delete("");
      found.delete(selected);
      return [...found];
    };
    return {
      selected,
      ancestors: here ? through(ancestors(graph, here)) : [],
      descendants: here ? through(descendants(graph, here)) : [],
      matches: this.matched(seen),
    };
  }

  private matched(seen: (id: string) => string): Record<string, number> {
    const found = new Map<string, number>();
    const { query } = this.state;
    for (const id of query.trim() ? this.index().hits(query) : []) {
      const at = seen(this.counterpart(id));
      if (at) found.set(at, (found.get(at) ?? 0) + 1);
    }
    return Object.fromEntries(found);
  }

  private found(): SearchResults {
    const { query } = this.state;
    return query.trim() ? this.index().find(query) : { ...NOTHING, query };
  }

  /** The level that has all elements, to be searched. */
  private index(): Index {
    const most = this.whole.levels.at(-1) ?? this.state.level;
    return (this.indexed ??= new Index(this.whole, this.graph(most)));
  }
}

function equal(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, place) => id === other[place]);
}
