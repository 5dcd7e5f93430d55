import { type Box, FOLDED, type Inside, LEGIBLE, MARGIN, type Point, type Size } from "./geometry";
import { pair } from "./tree";

/** One thing to place, in reading order. */
export interface Cell {
  id: string;
  size: Size;
  /** Not an open group: may be made as high as its neighbours. */
  grows: boolean;
  /** How far what is drawn goes on below it. */
  below: number;
  /** Cells of different bands are never in one row. */
  band: number;
}

const COLUMN = 52;
const TRACK = 11;
/** From the last track to the boxes: room for a count and an arrowhead. */
const LEG = 36;

interface Run {
  gutter: number;
  from: number;
  to: number;
  owner: string;
}

/**
 * Rows that are read like lines of text, for what would be too long in one: neighbours are joined straight,
 * everything else by tracks in the gutters between rows, one track for each box that arrows leave downwards.
 */
export function grid(cells: Cell[], pairs: [string, string, number][], room: Size): Inside {
  const rows = fill(cells, room);
  const rowOf = new Map<string, number>();
  const columnOf = new Map<string, number>();
  const x = new Map<string, number>();
  const cell = new Map(cells.map((one) => [one.id, one]));
  rows.forEach((row, at) => {
    let left = 0;
    row.forEach(({ id, size }, column) => {
      rowOf.set(id, at);
      columnOf.set(id, column);
      x.set(id, left);
      left += size.w + COLUMN;
    });
  });
  const row = (id: string): number => rowOf.get(id) ?? 0;
  const column = (id: string): number => columnOf.get(id) ?? 0;
  const width = (id: string): number => cell.get(id)?.size.w ?? 0;
  const left = (id: string): number => x.get(id) ?? 0;

  const routes = pairs.map(([from, to]) => {
    const swap = row(from) > row(to) || (row(from) === row(to) && column(from) > column(to));
    const [first, second] = swap ? [to, from] : [from, to];
    // Straight from inside an open group it would cross what is beside it in there.
    const plain = cell.get(first)?.grows && cell.get(second)?.grows;
    const beside = plain && row(first) === row(second) && Math.abs(column(first) - column(second)) === 1;
    return { from, to, first, second, swap, beside };
  });
  const ports = spread(routes.filter(({ beside }) => !beside), row, left, width);
  const gaps = new Gaps(rows, left);
  const runs: Run[] = [];
  const drafts = routes.map((route) => {
    const { first, second, beside } = route;
    if (beside) return { route, legs: [] as Run[] };
    const legs: Run[] = [];
    let at = ports.out(first, row(first) === row(second));
    const end = ports.into(first, second);
    const last = row(second);
    // Gutter n is above row n.
    for (let gutter = row(first) === last ? last : row(first) + 1; gutter <= last; gutter++) {
      const to = gutter === last ? end : gaps.through(gutter, end, first);
      legs.push({ gutter, from: at, to, owner: first });
      at = to;
    }
    runs.push(...legs);
    return { route, legs };
  });
  const tracks = assign(runs);
  const tops: number[] = [];
  const out: Inside = { w: 0, h: 0, at: new Map(), ranks: new Map(), ways: new Map() };
  let y = 0;
  rows.forEach((cellsOfRow, at) => {
    const many = tracks.count(at);
    y += at === 0 ? (many ? (many - 1) * TRACK + LEG : 0) : 30 + (many ? (many - 1) * TRACK + LEG : 14);
    tops[at] = y;
    const tall = Math.max(0, ...cellsOfRow.filter((cell) => cell.grows).map((cell) => cell.size.h));
    let most = 0;
    for (const cell of cellsOfRow) {
      const h = cell.grows ? tall : cell.size.h;
      out.at.set(cell.id, { x: left(cell.id), y, w: cell.size.w, h });
      most = Math.max(most, h);
      out.w = Math.max(out.w, left(cell.id) + cell.size.w);
    }
    y += most;
    out.h = y;
  });
  // Counted from the row below, so that the last track is as far from every row's tops.
  const height = (leg: Run): number => (tops[leg.gutter] ?? 0) - LEG - (tracks.count(leg.gutter) - 1 - tracks.of(leg)) * TRACK;
  for (const { route, legs } of drafts) {
    const { from, to, first, second, swap, beside } = route;
    const a = out.at.get(first) as Box;
    const b = out.at.get(second) as Box;
    const bent: Point[] = [];
    if (beside) {
      const level = a.y + Math.min(a.h, b.h) / 2;
      bent.push({ x: a.x + a.w, y: level }, { x: b.x, y: level });
    } else {
      const same = row(first) === row(second);
      const start = legs[0]?.from ?? 0;
      bent.push({ x: start, y: same ? a.y : a.y + a.h + (cell.get(first)?.below ?? 0) });
      for (const leg of legs) {
        const track = height(leg);
        bent.push({ x: leg.from, y: track }, { x: leg.to, y: track });
      }
      bent.push({ x: legs.at(-1)?.to ?? 0, y: b.y });
    }
    out.ways.set(pair(from, to), { points: [], along: swap ? -1 : 1, bent: swap ? bent.reverse() : bent });
  }
  return out;
}

/**
 * As many rows as are needed at a legible scale, about equally long. An open group counts as if it were folded:
 * opening one must not send the others to other rows.
 */
function fill(cells: Cell[], room: Size): Cell[][] {
  const width = (cell: Cell): number => (cell.grows ? cell.size.w : FOLDED) + COLUMN;
  const most = (room.w - 2 * MARGIN) / LEGIBLE + COLUMN;
  const rows: Cell[][] = [];
  for (const band of [...new Set(cells.map((cell) => cell.band))].sort((a, b) => a - b)) {
    const some = cells.filter((cell) => cell.band === band);
    const widest = Math.max(...some.map(width));
    const columns = Math.max(1, Math.floor(most / widest));
    const even = Math.ceil(some.length / Math.ceil(some.length / columns));
    for (let at = 0; at < some.length; at += even) rows.push(some.slice(at, at + even));
  }
  return rows;
}

/** Where arrows leave and reach boxes: one trunk leaves a box, those that come in keep the order of their origins. */
function spread(
  routes: { first: string; second: string }[],
  row: (id: string) => number,
  left: (id: string) => number,
  width: (id: string) => number,
): { out: (id: string, up: boolean) => number; into: (first: string, second: string) => number } {
  const coming = new Map<string, string[]>();
  const leaving = new Set<string>();
  for (const { first, second } of routes) {
    coming.set(second, [...(coming.get(second) ?? []), first]);
    if (row(first) === row(second)) leaving.add(first);
  }
  const places = new Map<string, number>();
  for (const [id, others] of coming) {
    const middle = (one: string): number => left(one) + width(one) / 2;
    const order = [...new Set(others)].sort((a, b) => row(a) - row(b) || middle(a) - middle(b));
    order.sort((a, b) => middle(a) - middle(b));
    // What leaves at the top has the right half for itself.
    const length = leaving.has(id) ? width(id) * 0.5 : width(id);
    const step = order.length > 1 ? Math.min(30, (length * 0.84) / (order.length - 1)) : 0;
    order.forEach((other, at) => {
      places.set(pair(other, id), left(id) + length / 2 + (at - (order.length - 1) / 2) * step);
    });
  }
  return {
    out: (id, up) => left(id) + width(id) * (up ? 0.8 : 0.5),
    into: (first, second) => places.get(pair(first, second)) ?? left(second) + width(second) / 2,
  };
}

/** Ways down between the boxes of a row, or beside them: near where the arrow is going, one for each owner. */
class Gaps {
  private owners = new Map<string, string[]>();

  constructor(
    private rows: Cell[][],
    private left: (id: string) => number,
  ) {}

  through(row: number, wanted: number, owner: string): number {
    const cells = this.rows[row] ?? [];
    const starts = [-COLUMN, ...cells.map((cell) => this.left(cell.id) + cell.size.w)];
    let best = 0;
    starts.forEach((start, at) => {
      const apart = (from: number): number => Math.abs(from + COLUMN / 2 - wanted);
      if (apart(start) < apart(starts[best] ?? 0)) best = at;
    });
    const key = pair(String(row), String(best));
    const taken = this.owners.get(key) ?? [];
    this.owners.set(key, taken);
    if (!taken.includes(owner)) taken.push(owner);
    // The middle is left to the count of the arrow between neighbours.
    const place = taken.indexOf(owner);
    if (best === 0) return -12 - 6 * (place % 3);
    return (starts[best] ?? 0) + ([9, COLUMN - 9, 15, COLUMN - 15][place % 4] ?? 9);
  }
}

/** Tracks of each gutter: runs of one box share theirs, those of others do not. */
function assign(runs: Run[]): { of: (run: Run) => number; count: (gutter: number) => number } {
  const spans = new Map<string, { gutter: number; low: number; high: number }>();
  for (const { gutter, from, to, owner } of runs) {
    const key = pair(String(gutter), owner);
    const span = spans.get(key);
    const low = Math.min(from, to, span?.low ?? Infinity);
    const high = Math.max(from, to, span?.high ?? -Infinity);
    spans.set(key, { gutter, low, high });
  }
  const found = new Map<string, number>();
  const taken = new Map<number, [number, number][][]>();
  const order = [...spans].sort(([, a], [, b]) => a.high - a.low - (b.high - b.low));
  for (const [key, { gutter, low, high }] of order) {
    const tracks = taken.get(gutter) ?? [];
    taken.set(gutter, tracks);
    let at = tracks.findIndex((track) => track.every(([from, to]) => high + 12 < from || low - 12 > to));
    if (at < 0) at = tracks.push([]) - 1;
    tracks[at]?.push([low, high]);
    found.set(key, at);
  }
  return {
    of: ({ gutter, owner }) => found.get(pair(String(gutter), owner)) ?? 0,
    count: (gutter) => taken.get(gutter)?.length ?? 0,
  };
}
