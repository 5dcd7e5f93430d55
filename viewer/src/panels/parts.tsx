/** Small things that several panels have in common. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../host";
import { Icon } from "./icons";

/** A link inside the viewer: it selects, and never leads out of the page. */
export function Link({ id, select, children }: { id: string; select(id: string): void; children: ComponentChildren }) {
  return (
    <button type="button" class="mp-link" onClick={() => select(id)}>
      {children}
    </button>
  );
}

export function Copy({ text, label, words }: { text: string; label: string; words?: string }) {
  const [done, setDone] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = async (button: HTMLElement): Promise<void> => {
    setDone(await copyText(text, button));
    timer.current = window.setTimeout(() => setDone(false), 1500);
  };
  return (
    <button
      type="button"
      class={done ? "mp-copy mp-copied" : "mp-copy"}
      title={done ? "Copied" : label}
      aria-label={done ? "Copied" : label}
      onClick={(event) => void copy(event.currentTarget)}
    >
      <Icon name={done ? "done" : "copy"} />
      {words ? <span>{done ? "Copied" : words}</span> : null}
    </button>
  );
}

const LONG = 260;
const LINES = 6;

/** Text of any length; what is long is cut until asked for. */
export function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const lines = text.split("\n", LINES + 1);
  const long = text.length > LONG || lines.length > LINES;
  const shown = all || !long ? text : lines.slice(0, LINES).join("\n").slice(0, LONG) + "…";
  return (
    <>
      <span class={long && all ? "mp-text mp-long" : "mp-text"} tabIndex={long && all ? 0 : undefined}>{shown === "" ? <i class="mp-quiet">empty</i> : shown}</span>
      {long ? <More all={all} set={setAll} what={sizeOf(text)} /> : null}
    </>
  );
}

export function More({ all, set, what }: { all: boolean; set(all: boolean): void; what: string }) {
  return (
    <button type="button" class="mp-more" aria-expanded={all} onClick={() => set(!all)}>
      {all ? "Show less" : `Show all (${what})`}
    </button>
  );
}

function sizeOf(text: string): string {
  return `${text.length.toLocaleString("en")} characters`;
}
