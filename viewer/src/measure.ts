import type { Size } from "./geometry";
import type { SceneNode } from "./types";

/** One text in a box; `right` counts `x` from the box's right edge, so that boxes can be widened. */
export interface Item {
  x: number;
  y: number;
  text: string;
  css: string;
  right?: boolean;
}

/** A small rounded label in a box, placed from the right edge. */
export interface Chip {
  right: number;
  y: number;
  w: number;
  text: string;
  css: string;
}

/** What a box shows and how much room that takes. */
export interface Content extends Size {
  items: Item[];
  chips: Chip[];
  /** Heights of hairlines. */
  rules: number[];
  /** Texts that had to be cut: said in full by the tooltip. */
  cut: string[];
}

/** Height of an open group's title bar, and the space around its members. */
export const BAR = 34;
export const PAD = 16;
/** Where the handle of a group is, from its top left corner: the same folded and open, so that a second click undoes the first. */
export const HANDLE = { x: 9, y: 8, size: 18 };

/** How far the sheets of a folded group stick out below it. */
export const SHEETS = 8;

const MAX_LINES = 6;
const ELLIPSIS = "…";

const pen = document.createElement("canvas").getContext("2d");
const known = new Map<string, number>();
let family = "system-ui, sans-serif";

/** Measure in the host's font from now on; true when that changes what was measured. */
export function setFamily(name: string): boolean {
  if (!name || name === family) return false;
  family = name;
  known.clear();
  return true;
}

/** Width of a text in pixels. */
export function textWidth(text: string, size: number, weight = 400): number {
  const key = `${size} ${weight} ${text}`;
  let width = known.get(key);
  if (width === undefined) {
    if (known.size > 20_000) known.clear();
    if (pen) pen.font = `${weight} ${size}px ${family}`;
    width = pen ? pen.measureText(text).width : text.length * size * 0.55;
    known.set(key, width);
  }
  return width;
}

/** The text, or as much of it as fits with an ellipsis. */
export function shorten(text: string, room: number, size: number, weight = 400): string {
  // A megabyte of text is cut before it is measured.
  let left = text.slice(0, 300);
  if (left.length === text.length && textWidth(left, size, weight) <= room) return text;
  let low = 0;
  let high = left.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(left.slice(0, middle) + ELLIPSIS, size, weight) <= room) low = middle;
    else high = middle - 1;
  }
  left = left.slice(0, low).trimEnd();
  // Half of a surrogate pair is no character.
  if (/[\uD800-\uDBFF]$/.test(left)) left = left.slice(0, -1);
  return left + ELLIPSIS;
}

/** How it ended, in a word, where its headline and lines do not say so; what was interrupted did not fail. */
export function ending({ state, headline, lines }: SceneNode): string {
  const says = (...words: string[]): boolean => lines.some(([, value]) => words.includes(value));
  if (state === "failed") return headline || says("failed", "interrupted") ? "" : "failed";
  return state === "missing" && !says("not reached") ? "not reached" : "";
}

/** Arrange a node's texts in a box. */
export function measure(node: SceneNode): Content {
  const group = node.kind === "group";
  const card = node.kind === "step";
  const side = card ? 16 : node.kind === "entity" ? 18 : 14;
  const most = (card ? 250 : 228) - 2 * side;
  const indent = group ? HANDLE.x + HANDLE.size + 6 - side : 0;
  const out: Content = { w: 0, h: 0, items: [], chips: [], rules: [], cut: [] };
  const put = (text: string, x: number, y: number, room: number, size: number, weight: number, css: string): number => {
    const shown = shorten(text, room, size, weight);
    if (shown !== text) out.cut.push(text.slice(0, 2000));
    out.items.push({ x: side + x, y, text: shown, css });
    return x + textWidth(shown, size, weight);
  };

  let right = 0;
  const chips: [string, string][] = [];
  if (group && node.count) chips.push([String(node.count), "count"]);
  if (node.note) chips.push([shorten(node.note, 80, 11, 500), node.change === "same" ? "count" : "note"]);
  const state = ending(node);
  if (state) chips.push([state, node.state]);
  let y = node.kind === "agent" ? 30 : card ? 27 : 22;
  for (const [text, css] of chips) {
    const w = Math.max(18, textWidth(text, 11, 600) + 12);
    out.chips.push({ right: (card ? 12 : 10) + right, y: y - 13, w, text, css });
    right += w + 5;
  }
  let wide = put(node.title || node.id, indent, y, most - indent - (right ? right + 4 : 0), card ? 14 : 13, 600, "title") + (right ? right + 8 : 0);
  if (node.type && !card && node.type !== node.title) {
    y += 16;
    wide = Math.max(wide, put(node.type, indent, y, most - indent, 11, 400, "type"));
  }
  const lines = node.lines.slice(0, MAX_LINES);
  const big = node.state === "result" ? 34 : 22;
  if (node.headline) {
    if (card) {
      y += 11;
      out.rules.push(y);
    }
    y += card ? big + 5 : big + 4;
    wide = Math.max(wide, put(node.headline, 0, y, most, big, 650, node.state === "result" ? "headline huge" : "headline"));
    if (node.headline_label) {
      y += 17;
      wide = Math.max(wide, put(node.headline_label, 0, y, most, 12, 400, "label"));
    }
    if (lines.length) y += 4;
  } else if (lines.length && card) {
    y += 11;
    out.rules.push(y);
    y += 4;
  } else if (lines.length) y += 2;
  const column = Math.min(96, Math.max(0, ...lines.map(([label]) => (label ? textWidth(label.slice(0, 40), 12) + 12 : 0))));
  for (const [label, value] of lines) {
    y += 19;
    if (label) put(label, 0, y, column - 6, 12, 400, "label");
    wide = Math.max(wide, put(value, label ? column : 0, y, most - (label ? column : 0), 12.5, 600, label ? "value" : "value alone"));
  }
  if (node.lines.length > MAX_LINES) {
    y += 15;
    put(`and ${node.lines.length - MAX_LINES} more`, 0, y, most, 11, 400, "type");
  }
  out.w = Math.ceil(Math.max(card ? 150 : 96, wide + 2 * side));
  out.h = Math.ceil(y + (card ? 17 : 14));
  return out;
}

/** Least width of an open group, so that its title fits. */
export function barWidth(title: string, count: number): number {
  return Math.ceil(HANDLE.x + HANDLE.size + 8 + Math.min(320, textWidth(title, 13, 600)) + 16 + textWidth(String(count), 11, 600) + 24);
}
