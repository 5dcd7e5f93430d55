/** The traits as the panels see them, and what people can do to them. */

import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Model, State } from "./model";
import type { Level } from "./types";

const NAMES = [
  "level", "levels", "selected", "opened", "query", "summary", "scene", "marks", "results", "details",
] as const satisfies readonly (keyof State)[];

/** Python has had its time to answer: a busy kernel is slower than one that is idle. */
const PATIENCE = 1500;

/** All traits, drawn anew when any of them changes. */
export function useTraits(model: Model): State {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const changed = (): void => redraw(undefined);
    for (const name of NAMES) model.on(`change:${name}`, changed);
    changed();
    return () => {
      for (const name of NAMES) model.off(`change:${name}`, changed);
    };
  }, [model]);
  const state = {} as Record<string, unknown>;
  for (const name of NAMES) state[name] = model.get(name);
  return state as unknown as State;
}

/** True while something that was asked of Python has gone unanswered for long. */
export function useSilence(model: Model): [boolean, () => void] {
  const [silent, setSilent] = useState(false);
  const timer = useRef(0);
  useEffect(() => {
    const answered = (): void => {
      window.clearTimeout(timer.current);
      setSilent(false);
    };
    const events = ["change:scene", "change:marks", "change:results", "change:details", "msg:custom"];
    for (const event of events) model.on(event, answered);
    return () => {
      window.clearTimeout(timer.current);
      for (const event of events) model.off(event, answered);
    };
  }, [model]);
  const asked = useMemo(
    () => () => {
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setSilent(true), PATIENCE);
    },
    [],
  );
  return [silent, asked];
}

export interface Deeds {
  select(id: string): void;
  toggle(group: string): void;
  level(level: Level): void;
  query(text: string): void;
  /** "fold_all", "unfold_all", "focus" or "page". */
  ask(kind: string): void;
}

/** What people can do; `asked` is called where an answer is expected. */
export function deedsOf(model: Model, asked: () => void): Deeds {
  const put = <K extends keyof State>(name: K, value: State[K]): void => {
    if (model.get(name) === value) return;
    // Before the change: a model in this page answers at once.
    asked();
    model.set(name, value);
    model.save_changes();
  };
  return {
    select: (id) => put("selected", id),
    level: (level) => put("level", level),
    query: (text) => put("query", text),
    toggle(group) {
      const opened = model.get("opened");
      put("opened", opened.includes(group) ? opened.filter((id) => id !== group) : [...opened, group]);
    },
    ask(kind) {
      asked();
      model.send({ kind });
    },
  };
}
