/** Small drawings, in the colour of the text around them; the words are the button's own. */

import type { SceneNode } from "../types";

const PATHS = {
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.3 10.3 14 14",
  close: "M4 4l8 8M12 4l-8 8",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 5.5v-3h3M10.5 2.5h3v3M13.5 10.5v3h-3M5.5 13.5h-3v-3",
  large: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  small: "M13.5 6.5h-4v-4M9.5 6.5 14 2M2.5 9.5h4v4M6.5 9.5 2 14",
  save: "M8 2v7.5M4.8 6.7 8 9.9l3.2-3.2M2.5 13h11",
  down: "M4.5 6.5 8 10l3.5-3.5",
  next: "M6.5 4.5 10 8l-3.5 3.5",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  done: "M3 8.5 6.5 12 13 4.5",
  failed: "M8 2.2 14.2 13.3H1.8zM8 6.4v3.4M8 11.6v.3",
  fold: "M3 8h10M8 1.5v4M6 4l2 2 2-2M8 14.5v-4M6 12l2-2 2 2",
  unfold: "M3 8h10M8 6V1.8M6 3.5l2-2 2 2M8 10v4.2M6 12.5l2 2 2-2",
  path: "M3.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M12.5 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3M5 3.5h3.5a2 2 0 0 1 2 2v5a2 2 0 0 0 .5 1.4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="mp-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export const KINDS: Record<SceneNode["kind"], string> = {
  step: "Step",
  entity: "Entity",
  activity: "Activity",
  agent: "Agent",
  unknown: "Undescribed",
  group: "Group",
};

const SHAPES: Record<SceneNode["kind"], string> = {
  entity: "M8 2.5h6a3.5 3.5 0 0 1 0 7H8a3.5 3.5 0 0 1 0-7Z",
  activity: "M4 2.5h14v7H4Z",
  agent: "M4 5 11 1l7 4v5.5H4Z",
  unknown: "M8 2.5h6a3.5 3.5 0 0 1 0 7H8a3.5 3.5 0 0 1 0-7Z",
  step: "M5.5 1.5h11a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 4 9V3a1.5 1.5 0 0 1 1.5-1.5Z",
  group: "M4 3.5h12v7H4ZM6 3.5v-2h12v7h-2",
};

/** The shape that PROV draws this kind in. */
export function Glyph({ kind }: { kind: SceneNode["kind"] }) {
  return (
    <svg class={`mp-glyph mp-glyph-${kind}`} viewBox="3 0 16 12" aria-hidden="true" focusable="false">
      <path d={SHAPES[kind]} />
    </svg>
  );
}
