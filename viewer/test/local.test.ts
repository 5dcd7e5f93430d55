/** The page's own logic gives what Python gives: cases.json is made by tests/graph/shared_cases.py. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalModel } from "../src/local";
import type { State } from "../src/model";
import type { Whole } from "../src/types";
import cases from "./cases.json";

type Chosen = Partial<Pick<State, "level" | "selected" | "opened" | "query">>;
type Step = [chosen: Chosen, changed: Record<string, unknown>];

function shown(model: LocalModel): Record<string, unknown> {
  const { nodes, groups, edges, note } = model.get("scene");
  const marks = model.get("marks");
  const arrows = edges.map(({ id, kind, count, role, flow }) => [id, kind, count, role, flow] as const);
  return {
    level: model.get("level"),
    selected: model.get("selected"),
    opened: model.get("opened"),
    scene: {
      nodes: nodes.map(({ id }) => id),
      groups: groups.map(({ id }) => id),
      edges: arrows.sort(([one], [other]) => (one < other ? -1 : 1)),
      note,
    },
    marks: { ...marks, ancestors: [...marks.ancestors].sort(), descendants: [...marks.descendants].sort() },
    results: model.get("results"),
  };
}

for (const { name, whole, steps } of cases as unknown as { name: string; whole: Whole; steps: Step[] }[]) {
  test(name, async (t) => {
    const model = new LocalModel(whole);
    const expected: Record<string, unknown> = {};
    for (const [chosen, changed] of steps) {
      for (const [key, value] of Object.entries(chosen)) model.set(key as keyof Chosen, value as never);
      model.save_changes();
      Object.assign(expected, changed);
      await t.test(JSON.stringify(chosen), () => assert.deepEqual(shown(model), expected));
    }
  });
}
