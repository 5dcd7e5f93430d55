/** The doors: `render` for anywidget, `mount` for a page of its own. */

import { render as draw } from "preact";
import "./theme.css";
import "./shell.css";
import "./details.css";
import { LocalModel } from "./local";
import { Unpacking } from "./packed";
import { Shell } from "./shell";
import type { Model } from "./model";
import type { Whole } from "./types";

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  draw(<Shell model={new Unpacking(model)} alone={false} />, el);
  return () => draw(null, el);
}

/** Show everything that a page carries; no kernel is needed. */
export function mount(el: HTMLElement, whole: Whole): () => void {
  el.replaceChildren();
  draw(<Shell model={new LocalModel(whole)} alone />, el);
  return () => draw(null, el);
}

export default { render };
