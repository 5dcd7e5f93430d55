/** Search in a page of its own: the same as graph/details/search.py finds, in the same order. */

import type { Match, SearchField, SearchResults, Searchable, Whole } from "../types";
import type { Graph } from "./graph";

const LIMIT = 50;
const MAX_WORDS = 8;
const AROUND = 36;
// Where the words are, the most telling place first.
const [EXACT, PREFIX, ATTRIBUTE, TITLE, PART, VALUE, TYPE, CODE, NOWHERE] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const WHAT = ["name", "name", "name", "name", "name", "value", "type", "code", "value"];

/** Place, how exact an attribute's name is, and how much longer a name is than what was asked for. */
type Rank = [place: number, exact: number, longer: number];

interface Field extends SearchField {
  folded: string;
  value: string;
}

/** The folded texts of one element. */
interface Entry {
  id: string;
  raw: Searchable;
  names: string[];
  qualified: string;
  attributes: string[];
  fields: Field[];
  values: string;
  types: string;
  code: string;
  everything: string;
  /** What the box says of its state, such as "edited": whoever asks for that means these. */
  note: string;
}

interface Hit {
  entry: Entry;
  rank: Rank;
}

export class Index {
  private readonly entries: Entry[];
  private known: { query: string; found: Hit[] } = { query: "", found: [] };

  constructor(
    whole: Whole,
    private readonly graph: Graph,
  ) {
    this.entries = Object.entries(whole.texts).map(([id, raw]) => entryOf(id, raw, graph.nodes.get(id)?.note ?? ""));
  }

  find(query: string): SearchResults {
    const found = this.ranked(query);
    const parts = partsOf(query);
    return { query, total: found.length, items: found.slice(0, LIMIT).map((hit) => this.match(hit, query, parts)) };
  }

  /** All that were found, the likeliest first. */
  hits(query: string): string[] {
    return this.ranked(query).map(({ entry }) => entry.id);
  }

  private ranked(query: string): Hit[] {
    if (this.known.query === query) return this.known.found;
    const parts = partsOf(query);
    const words = [...new Set(parts.map(fold).filter(Boolean))];
    const phrase = fold(parts.join(" "));
    const full = words.some((word) => word.includes(":"));
    const has = (entry: Entry, word: string): boolean => entry.everything.includes(word) || (full && entry.qualified.includes(word));
    const found = words.length
      ? this.entries.filter((entry) => words.every((word) => has(entry, word))).map((entry) => ({ entry, rank: rank(entry, phrase, words) }))
      : [];
    // Stable, so that what is alike stays in the document's order.
    found.sort(
      (a, b) =>
        a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.rank[2] - b.rank[2] || a.entry.raw.weight - b.entry.raw.weight,
    );
    this.known = { query, found };
    return found;
  }

  private match({ entry, rank: [place] }: Hit, query: string, parts: string[]): Match {
    const { id, raw } = entry;
    const title = this.graph.nodes.get(id)?.title ?? id;
    const words = parts.map(fold).filter(Boolean);
    let text = title;
    let answer = "";
    if (place === ATTRIBUTE || place === PART) {
      const field = named(entry, fold(query), words);
      if (field) {
        const value = field.short ?? field.text;
        text = field.name ? `${field.name}: ${value}` : value;
        answer = field.answer ?? value;
      }
    } else if (place === VALUE || place === NOWHERE) {
      const field = valued(entry, words);
      if (field) text = field.name ? `${field.name}: ${field.text}` : field.text;
      answer = field?.answer ?? "";
    } else if (place === TYPE) text = raw.types.join(", ");
    else if (place === CODE) text = raw.code.at(-1) ?? "";
    else if (place === EXACT && entry.note && fold(query) === entry.note) text = this.graph.nodes.get(id)?.note ?? "";
    else if (!pattern(query, parts).test(title)) text = raw.qualified;
    if (!answer && place !== CODE) answer = raw.answer;
    return {
      id,
      title,
      where: this.graph.path(id).map((group) => this.graph.groups.get(group)?.title ?? group),
      what: WHAT[place] ?? "value",
      snippet: snippet(text, query, parts),
      answer,
    };
  }
}

function partsOf(query: string): string[] {
  return query.split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
}

const ASCII = /^[\x00-\x7f]*$/;

/** Text in which "Creation-Date", "creation_date" and "creationDate" are the same. */
function fold(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize("NFKC");
  return plain.toLowerCase().replace(/[ \t\r\n\f\v_\-\u00a0\u2010\u2011]+/g, "");
}

function entryOf(id: string, raw: Searchable, state: string): Entry {
  const note = fold(state);
  const names = [...new Set(raw.names.map(fold))].filter(Boolean);
  const fields = raw.fields.map((field) => ({ ...field, folded: fold(field.name), value: fold(field.text) }));
  const attributes = [...new Set(fields.flatMap(({ folded, also }) => (also ? [folded, fold(also)] : [folded])))];
  const values = fields.map(({ value }) => value).join("\n");
  const types = raw.types.map(fold).join("\n");
  const code = raw.code.map(fold).join("\n");
  const everything = [...names, ...attributes, values, note, types, code].join("\n");
  return { id, raw, names, qualified: fold(raw.qualified), attributes, fields, values, types, code, everything, note };
}

function rank(entry: Entry, phrase: string, words: string[]): Rank {
  const best = placed(entry, phrase);
  if (best[0] !== NOWHERE || words.length < 2) return best;
  // The words are in different places: the element is as far down as the last of them.
  return [Math.max(ATTRIBUTE, ...words.map((word) => placed(entry, word)[0])), 2, 0];
}

function placed(entry: Entry, phrase: string): Rank {
  const { attributes } = entry;
  const names = phrase.includes(":") ? [...entry.names, entry.qualified] : entry.names;
  if (names.includes(phrase) || (phrase !== "" && phrase === entry.note)) return [EXACT, 0, 0];
  const longer = (matches: (name: string) => boolean): number => {
    const found = names.filter(matches).map((name) => name.length - phrase.length);
    return found.length ? Math.min(...found) : -1;
  };
  const start = longer((name) => name.startsWith(phrase));
  if (start >= 0) return [PREFIX, 0, start];
  if (attributes.includes(phrase)) return [ATTRIBUTE, 0, 0];
  if (attributes.some((name) => name.startsWith(phrase))) return [ATTRIBUTE, 1, 0];
  const inside = longer((name) => name.includes(phrase));
  if (inside >= 0) return [TITLE, 0, inside];
  if (attributes.some((name) => name.includes(phrase))) return [PART, 0, 0];
  if (entry.values.includes(phrase)) return [VALUE, 0, 0];
  if (entry.types.includes(phrase)) return [TYPE, 0, 0];
  return [entry.code.includes(phrase) ? CODE : NOWHERE, 0, 0];
}

/** The attribute that is called so, or else nearly so. */
function named({ fields }: Entry, phrase: string, words: string[]): Field | undefined {
  return (
    fields.find(({ folded }) => folded === phrase) ??
    fields.find(({ folded }) => folded.startsWith(phrase)) ??
    fields.find(({ folded }) => folded.includes(phrase)) ??
    fields.find(({ folded }) => words.some((word) => folded.includes(word)))
  );
}

/** The attribute in whose value most of the words are. */
function valued({ fields }: Entry, words: string[]): Field | undefined {
  let best: Field | undefined;
  let most = 0;
  for (const field of fields) {
    const count = words.filter((word) => field.value.includes(word)).length;
    if (count > most) [best, most] = [field, count];
  }
  return best;
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

/** One line, with the blanks at its ends kept: they part it from the match. */
function spaced(text: string): string {
  return text.replace(/\s+/g, " ");
}
