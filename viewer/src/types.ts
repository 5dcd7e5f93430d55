/** What travels between Python and the browser; made of mlprov_widgets/graph/wire.py. */

export type Level = "analyst" | "engineer";

export type Kind = "step" | "entity" | "activity" | "agent" | "unknown" | "group";

export type Condition = "" | "done" | "result" | "failed" | "missing";

export type Difference = "same" | "changed" | "added" | "removed";

export type Form = "text" | "code" | "table" | "matrix" | "curves" | "diff" | "link";

/** Label (may be empty) and value. */
export type Line = [string, string];

/** Class (of Pygments' short names) and text; lines end with "\n". */
export type Token = [string, string];

/** " " (in both), "-" (only before) or "+" (only after), and the line. */
export type Change = [string, string];

/** Nothing. */
export type Empty = Record<string, never>;

/** One box: a pipeline step, a PROV element, or a folded group of them. */
export interface SceneNode {
  id: string;
  /** Id of the open group around it; empty at the top. */
  parent: string;
  kind: Kind;
  title: string;
  /** Short type such as "Cell" or "Execution"; may be empty. */
  type: string;
  headline: string;
  headline_label: string;
  lines: Line[];
  state: Condition;
  /** Such as "edited". */
  note: string;
  /** Elements inside a folded group, at any depth; 0 for anything else. */
  count: number;
  /** How it differs, where two runs are drawn as one. */
  change?: Difference;
}

/** An open group, drawn around its members. */
export interface SceneGroup {
  id: string;
  parent: string;
  title: string;
  count: number;
}

/** One arrow, which may stand for many relations. */
export interface SceneEdge {
  id: string;
  source: string;
  target: string;
  /** PROV relation; empty where several kinds are bundled or the arrow is the pipeline's own. */
  kind: string;
  /** Kind to number of relations. */
  kinds: Record<string, number>;
  count: number;
  role: string;
  /** 1: the source comes first (pipeline); -1: the target does (PROV's arrows). */
  flow: number;
  /** As a `WholeEdge` has it; for a viewer whose Python is gone. */
  way?: number;
}

/** What is drawn of a level. */
export interface Scene {
  level: Level;
  nodes: SceneNode[];
  /** Parents before their children. */
  groups: SceneGroup[];
  edges: SceneEdge[];
  /** Said above the graph, such as what could not be opened; may be empty. */
  note: string;
}

/** A box without what is empty of it. */
export interface PackedNode {
  id: string;
  kind: Kind;
  parent?: string;
  title?: string;
  type?: string;
  headline?: string;
  headline_label?: string;
  lines?: Line[];
  state?: Condition;
  note?: string;
  count?: number;
  change?: Difference;
}

/** A scene on its way to the browser: boxes without what is empty, and every name once. */
export interface PackedScene {
  level: Level;
  nodes: PackedNode[];
  groups: SceneGroup[];
  /** Kinds of relations and how many of each, as arrows have them. */
  kinds: (Record<string, number>)[];
  roles: string[];
  /** Five numbers an arrow: places of its ends in `nodes`, of its kinds and role; flow × way. */
  edges: number[];
  note: string;
}

/** What stands out. All ids are ids of the scene's nodes or open groups. */
export interface Marks {
  selected: string;
  /** What led to the selected one. */
  ancestors: string[];
  /** What came of it. */
  descendants: string[];
  /** Node or group to number of matches in it. */
  matches: Record<string, number>;
}

/** What is said above the graph. */
export interface Summary {
  title: string;
  facts: Line[];
  failed: boolean;
  note: string;
}

/** One element that a search found. */
export interface Match {
  id: string;
  title: string;
  /** Its groups, outermost first. */
  where: string[];
  /** What matched: "name", "value", "type", "code". */
  what: string;
  /** Text around the match: before, the match itself, after. */
  snippet: [string, string, string];
  /** What is probably asked for: "0.9333", "determined by datetime.now"; may be empty. */
  answer: string;
}

/** What a search found, the likeliest first. */
export interface SearchResults {
  query: string;
  total: number;
  items: Match[];
}

/** Source code in colours. */
export interface CodeData {
  tokens: Token[];
}

/** Rows as long as the columns. */
export interface TableData {
  columns: string[];
  rows: string[][];
}

/** Numbers in a square; labels are empty where the classes are not known. */
export interface MatrixData {
  labels: string[];
  rows: ((number | null)[])[];
}

/** Numbers over numbers. */
export interface CurvesData {
  x: number[];
  series: Record<string, (number | null)[]>;
}

/** What a person changed. */
export interface DiffData {
  lines: Change[];
}

/** Another element. */
export interface LinkData {
  id: string;
}

export type Data = Empty | CodeData | TableData | MatrixData | CurvesData | DiffData | LinkData;

/** One value with the form in which it is best read. */
export interface Attribute {
  name: string;
  /** The whole value as text, for reading and copying. */
  value: string;
  /** Such as "xsd:int"; may be empty. */
  type: string;
  unit: string;
  form: Form;
  /** Of the form: nothing for a text. */
  data: Data;
}

/** One relation of an element to another. */
export interface Relation {
  kind: string;
  /** "out": the selected element is the arrow's source. */
  direction: "out" | "in";
  /** In words, read from the selected element: "was generated by", "used", "generated". */
  label: string;
  id: string;
  title: string;
  role: string;
}

/** One reason. */
export interface Reason {
  text: string;
  /** Element that the step is about; may be empty. */
  id: string;
  /** 0 for the element itself, 1 for what led to it, and so on. */
  depth: number;
}

/** The whole record of an element, a group or a step. */
export interface Details {
  id: string;
  title: string;
  kind: Kind;
  type: string;
  /** Qualified name in the document; empty for steps and groups. */
  name: string;
  where: string[];
  /** One line: what determined it; may be empty. */
  answer: string;
  attributes: Attribute[];
  relations: Relation[];
  /** Why it has this value, in steps. */
  why: Reason[];
  /** More relations than are listed. */
  more_relations: number;
}

/** A value that can be searched, and what is said of it. */
export interface SearchField {
  name: string;
  /** The name as it is written, where that is another. */
  also?: string;
  text: string;
  /** The value in short, where it differs from the text. */
  short?: string;
  /** What determined it, where that is known. */
  answer?: string;
}

/** What can be searched of one element. */
export interface Searchable {
  names: string[];
  /** Name with its prefix, by which it is found only when that is asked for. */
  qualified: string;
  fields: SearchField[];
  types: string[];
  code: string[];
  /** Of those that match alike, which is rather meant: the lower. */
  weight: number;
  /** What a list says of it. */
  answer: string;
}

/** One relation. */
export interface WholeEdge {
  source: string;
  target: string;
  kind: string;
  role: string;
  flow: number;
  /** In which way the target influenced the source; 0 where it did not. */
  way: number;
}

/** One level with nothing folded; groups as they are when they are, parents first. */
export interface WholeLevel {
  nodes: SceneNode[];
  groups: SceneNode[];
  edges: WholeEdge[];
}

/** What a page of its own carries: everything, so that it needs no kernel. */
export interface Whole {
  summary: Summary;
  levels: Level[];
  level: Level;
  /** The groups that are open first on each level. */
  opened: Record<Level, string[]>;
  selected: string;
  models: Record<Level, WholeLevel>;
  /** A step has a record of its own on each level. */
  details: Record<Level, Record<string, Details>>;
  /** Elements of the level that has all. */
  texts: Record<string, Searchable>;
  /** Element to the analyst's box that stands for it. */
  stands_for: Record<string, string>;
}
