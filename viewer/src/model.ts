/** What the shell talks to. */

import type { Details, Empty, Level, Marks, Scene, SearchResults, Summary } from "./types";

/** The traits of the widget, or of whatever takes its place in a page of its own. */
export interface State {
  level: Level;
  levels: Level[];
  selected: string;
  opened: string[];
  query: string;
  summary: Summary;
  scene: Scene;
  marks: Marks;
  results: SearchResults;
  details: Details | Empty;
}

/** anywidget's model in a notebook, `LocalModel` in a page of its own. */
export interface Model {
  get<K extends keyof State>(name: K): State[K];
  set<K extends keyof State>(name: K, value: State[K]): void;
  save_changes(): void;
  on(event: string, callback: (...args: any[]) => void): void;
  off(event?: string | null, callback?: ((...args: any[]) => void) | null): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}
