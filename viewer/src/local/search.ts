/** Search in a page of its own: ranks as graph/search.py does, as far as the page has what is searched there. */

import type { Details, Level, Match, Results, SceneNode, Whole } from "../types";
import type { Graph } from "./graph";

const LIMIT = 50;
const MAX_WORDS = 8;
const AROUND = 36;
// What comes first in the list of results.
const [EXACT, PREFIX, ATTRIBUTE, TITLE, VALUE, TYPE, CODE, NOWHERE] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const WHAT = ["name", "name", "name", "name", "value", "type", "code", "value"];

interface Pair {
  name: string;
  value: string;
  answer: string;
}

/** The folded texts of one element. */
interface Entry {
  node: SceneNode;
  names: string[];
  pairs: (Pair & { folded: string })[];
  values: string;
  types: string;
  type: string;
  code: string;
  source: string;
  everything: string;
  /** Of those that match alike, what is meant first. */
  weight: number;
}

interface Hit {
  one: Entry;
  at: number;
  exact: boolean;
}

export class Index {
  private readonly entries: Entry[];
  private readonly details: Record<string, Details>;
  private known: { query: string; found: Hit[] } = { query: "", found: [] };

  constructor(
    whole: Whole,
    level: Level,
    private readonly graph: Graph,
  ) {
    this.details = whole.details[level];
    this.entries = [...graph.nodes.values()].map((node) => entry(node, whole.texts[node.id] ?? []));
  }

  find(query: string): Results {
    const found = this.ranked(query);
    const parts = partsOf(query);
    return { query, total: found.length, items: found.slice(0, LIMIT).map(({ one, at }) => this.match(one, at, query, parts)) };
  }

  /** All that were found, the likeliest first. */
  hits(query: string): string[] {
    return this.ranked(query).map(({ one }) => one.node.id);
  }

  private ranked(query: string): Hit[] {
    if (this.known.query === query) return this.known.found;
    const parts = partsOf(query);
    const words = [...new Set(parts.map(fold).filter(Boolean))];
    const phrase = fold(parts.join(" "));
    const found = words.length
      ? this.entries.filter(({ everything }) => words.every((word) => everything.includes(word))).map((one) => ({ one, ...rank(one, phrase, words) }))
      : [];
    found.sort((a, b) => a.at - b.at || Number(b.exact) - Number(a.exact) || a.one.weight - b.one.weight);
    this.known = { query, found };
    return found;
  }

  private match(one: Entry, at: number, query: string, parts: string[]): Match {
    const { node } = one;
    const words = parts.map(fold).filter(Boolean);
    let text = node.title;
    let answer = "";
    if (at === ATTRIBUTE) {
      const pair = attribute(one, fold(query), words);
      if (pair) {
        text = `${pair.name}: ${told(pair.value)}`;
        answer = pair.answer || this.determined(node.id, pair.name) || told(pair.value);
      }
    } else if (at === VALUE) text = textWith(one, words);
    else if (at === TYPE) text = one.type;
    else if (at === CODE) text = one.source;
    else if (!pattern(query, parts).test(text)) text = this.details[node.id]?.name || node.title;
    if (!answer && at !== CODE) answer = this.short(one);
    return {
      id: node.id,
      title: node.title,
      where: this.graph.path(node.id).map((group) => this.graph.groups.get(group)?.title ?? group),
      what: WHAT[at] ?? "value",
      snippet: snippet(text, query, parts),
      answer,
    };
  }

  /** The function that determined an attribute, where the document has a field for it. */
  private determined(id: string, name: string): string {
    for (const { kind, target } of this.graph.outgoing.get(id) ?? []) {
      const field = this.graph.nodes.get(target);
      if (kind === "wasDerivedFrom" && field?.type === "Field" && fold(field.title) === fold(name)) {
        const found = this.functions(target);
        if (found) return found;
      }
    }
    return "";
  }

  private functions(field: string): string {
    const makers = (this.graph.outgoing.get(field) ?? []).filter(({ kind }) => kind === "wasGeneratedBy");
    const names = makers.map(({ target }) => this.graph.nodes.get(target)?.title ?? target);
    if (!names.length) return "";
    const last = names.pop();
    return `determined by ${names.length ? `${names.join(", ")} and ` : ""}${last}`;
  }

  /** What a list of results says of an element: its value, or what determined it. */
  private short({ node, pairs }: Entry): string {
    const functions = node.type === "Field" ? this.functions(node.id) : "";
    if (functions) return functions;
    const value = pairs.find(({ folded }) => folded === "value" || (node.type === "Package" && folded.endsWith("version")));
    if (value) return told(value.value, 80);
    if (node.headline) return `${node.headline_label} ${node.headline}`.trim();
    const said = this.details[node.id]?.answer ?? "";
    // Of MLProvCodeGen's elements alone: of others the list says it of their fields.
    return /^determined by .*, called in /.test(said) ? said : "";
  }
}

function partsOf(query: string): string[] {
  return query.split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
}

/** Text in which "Creation-Date", "creation_date" and "creationDate" are the same. */
function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/[\s_\-\u00a0\u2010\u2011]+/g, "");
}

function entry(node: SceneNode, texts: { what: string; text: string; answer?: string }[]): Entry {
  const of = (what: string): string[] => texts.filter((one) => one.what === what).map(({ text }) => text);
  const names = [...new Set([node.title, ...of("name").map((text) => text.slice(text.lastIndexOf(":") + 1))].map(fold))].filter(Boolean);
  const pairs: Pair[] = [];
  for (const { what, text, answer = "" } of texts) {
    if (what !== "value") continue;
    const end = text.indexOf(": ");
    const pair = { name: text.slice(0, Math.max(end, 0)), value: end < 0 ? text : text.slice(end + 2), answer };
    pairs.push(pair, ...inner(pair.value));
  }
  if (node.headline) pairs.push({ name: node.headline_label, value: node.headline, answer: "" });
  for (const [name, value] of node.lines) pairs.push({ name, value, answer: "" });
  const [type = "", source = ""] = [of("type").join(", "), of("code").at(-1)];
  const folded = pairs.map((pair) => ({ ...pair, folded: fold(pair.name) }));
  const values = folded.map(({ value }) => fold(value)).join("\n");
  const types = [node.type, node.kind, ...type.split(", ")].map(fold).join("\n");
  const code = fold(source);
  const everything = [...names, ...folded.map((pair) => pair.folded), values, types, code].join("\n");
  return { node, names, pairs: folded, values, types, type, code, source, everything, weight: weigh(node) };
}

// Of two fields of one name, the experiment's is meant before the notebook's.
const GROUPS = ["experiment_info", "hardware_info", "notebook", "environment", "git", "pack", "values", "fingerprints", "original"];

function weigh({ type, id }: SceneNode): number {
  const group = type === "Field" ? /\bfield\.([^.]+)/.exec(id)?.[1] : undefined;
  if (group === undefined) return 0;
  const place = GROUPS.indexOf(group);
  return place < 0 ? GROUPS.length : place;
}

/** Names inside a value that is an object, such as the metrics of an evaluation. */
function inner(text: string): Pair[] {
  if (!text.startsWith("{") || text.length > 4000) return [];
  try {
    const found = Object.entries(JSON.parse(text) as Record<string, unknown>).slice(0, 200);
    return found.map(([name, value]) => ({ name: name.replaceAll("_", " "), value: typeof value === "string" ? value : JSON.stringify(value), answer: "" }));
  } catch {
    return [];
  }
}

function rank(one: Entry, phrase: string, words: string[]): { at: number; exact: boolean } {
  const best = place(one, phrase);
  if (best.at !== NOWHERE || words.length < 2) return best;
  // The words are in different places: the element is as far down as the last of them.
  return { at: Math.max(ATTRIBUTE, ...words.map((word) => place(one, word).at)), exact: false };
}

function place({ names, pairs, values, types, code }: Entry, phrase: string): { at: number; exact: boolean } {
  const at = (place: number, exact = false) => ({ at: place, exact });
  if (names.includes(phrase)) return at(EXACT, true);
  if (names.some((name) => name.startsWith(phrase))) return at(PREFIX);
  if (pairs.some(({ folded }) => folded.includes(phrase))) return at(ATTRIBUTE, pairs.some(({ folded }) => folded === phrase));
  if (names.some((name) => name.includes(phrase))) return at(TITLE);
  if (values.includes(phrase)) return at(VALUE);
  if (types.includes(phrase)) return at(TYPE);
  return at(code.includes(phrase) ? CODE : NOWHERE);
}

/** The attribute that is called so, or else nearly so. */
function attribute({ pairs }: Entry, phrase: string, words: string[]): Pair | undefined {
  return (
    pairs.find(({ folded }) => folded === phrase) ??
    pairs.find(({ folded }) => folded.includes(phrase)) ??
    pairs.find(({ folded }) => words.some((word) => folded.includes(word)))
  );
}

function textWith({ pairs, node }: Entry, words: string[]): string {
  let best = { count: 0, text: node.title };
  for (const { name, value } of pairs) {
    const whole = fold(value);
    const count = words.filter((word) => whole.includes(word)).length;
    if (count > best.count) best = { count, text: name ? `${name}: ${value}` : value };
  }
  return best.text;
}

/** What finds the query in a text as it was before it was folded. */
function pattern(query: string, parts: string[]): RegExp {
  const choices = [query, ...parts]
    .map((part) => [...part].filter((letter) => fold(letter)).map((letter) => letter.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")))
    .filter((letters) => letters.length)
    .map((letters) => letters.join("[\\s_\\-]*"));
  return new RegExp(choices.join("|") || "(?!)", "iu");
}

function snippet(text: string, query: string, parts: string[]): Match["snippet"] {
  const found = pattern(query, parts).exec(text);
  if (!found) return [spaced(text.slice(0, 2 * AROUND)), "", ""];
  const [start, end] = [found.index, found.index + found[0].length];
  const before = (start > AROUND ? "…" : "") + text.slice(Math.max(0, start - AROUND), start);
  const after = text.slice(end, end + 2 * AROUND) + (text.length > end + 2 * AROUND ? "…" : "");
  return [spaced(before), spaced(found[0]), spaced(after)];
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** A value in short: of a number no more digits than are read. */
function told(text: string, most = 120): string {
  return /^-?\d+\.\d+(e[-+]?\d+)?$/i.test(text) ? String(Number(Number(text).toPrecision(4))) : cut(text, most);
}

function cut(text: string, most = 120): string {
  const line = spaced(text);
  return line.length > most ? line.slice(0, most - 1) + "…" : line;
}
