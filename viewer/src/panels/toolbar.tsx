/** The row above the graph. */

import type { ComponentChildren } from "preact";
import type { Deeds } from "../state";
import type { Level } from "../types";
import { Icon, type IconName } from "./icons";

const LEVELS: Record<Level, [string, string]> = {
  analyst: ["Analyst", "The pipeline: its steps, what went in and what came out"],
  engineer: ["Engineer", "Everything: cells, executions, functions, packages and every relation"],
};

/** A button with a drawing, and words where there is room for them. */
export function Tool(props: {
  icon: IconName;
  label: string;
  hint?: string;
  bare?: boolean;
  disabled?: boolean;
  pressed?: boolean;
  onClick(): void;
}) {
  const { icon, label, hint, bare, disabled, pressed, onClick } = props;
  return (
    <button
      type="button"
      class={bare ? "mp-tool mp-bare" : "mp-tool"}
      title={hint ?? label}
      aria-label={bare ? label : undefined}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {bare ? null : <span>{label}</span>}
    </button>
  );
}

export function LevelSwitch(props: { levels: Level[]; level: Level; name: string; onChange(level: Level): void }) {
  const { levels, level, name, onChange } = props;
  if (levels.length < 2) return null;
  return (
    <div class="mp-switch" role="radiogroup" aria-label="Level of detail">
      {levels.map((each) => (
        <label key={each} class={each === level ? "mp-on" : ""} title={LEVELS[each][1]}>
          <input type="radio" name={name} checked={each === level} onChange={() => onChange(each)} />
          <span>{LEVELS[each][0]}</span>
        </label>
      ))}
    </div>
  );
}

export function Folding(props: { deeds: Deeds; any: boolean; anyOpen: boolean; anyFolded: boolean; selected: boolean }) {
  const { deeds, any, anyOpen, anyFolded, selected } = props;
  if (!any) return null;
  return (
    <div class="mp-tools" role="group" aria-label="Groups">
      <Tool icon="fold" label="Fold all" hint="Fold every group into one box" disabled={!anyOpen} onClick={() => deeds.ask("fold_all")} />
      <Tool icon="unfold" label="Unfold all" hint="Open every group, as far as all of it can be drawn" disabled={!anyFolded} onClick={() => deeds.ask("unfold_all")} />
      <Tool
        icon="path"
        label="Only the path"
        hint={selected ? "Open only the groups with something that led to the selected one or came of it, and fold the others" : "Select something first"}
        disabled={!selected}
        onClick={() => deeds.ask("focus")}
      />
    </div>
  );
}

export function Toolbar({ children }: { children: ComponentChildren }) {
  return <div class="mp-toolbar">{children}</div>;
}
