import { type Box, type Inside, LEGIBLE, MARGIN } from "./layout";
import type { Size } from "./measure";

const GAP = 44;

/** Break a pipeline that is too long for its room into rows, read like lines of text. */
export function wrap(inside: Inside, room: Size): { inside: Inside; columns: number } {
  const ranks = [...new Set(inside.ranks.values())].sort((a, b) => a - b);
  if (ranks.length < 2) return { inside, columns: 1 };
  let best = { inside, columns: ranks.length };
  let bestScale = 0;
  for (let rows = 1; rows <= ranks.length; rows++) {
    const columns = Math.ceil(ranks.length / rows);
    if (rows > 1 && columns === Math.ceil(ranks.length / (rows - 1))) continue;
    const tried = columns === ranks.length ? inside : broken(inside, ranks, columns);
    const wide = (room.w - 2 * MARGIN) / tried.w;
    // A page scrolls down more easily than sideways: height counts only while it is to be had.
    const scale = Math.min(1, wide, Math.max(LEGIBLE, (room.h - 2 * MARGIN) / tried.h));
    if (scale > bestScale + 0.001) {
      best = { inside: tried, columns };
      bestScale = scale;
    }
    if (bestScale >= LEGIBLE) break;
  }
  return best;
}

function broken(inside: Inside, ranks: number[], columns: number): Inside {
  const rowOf = (id: string): number => Math.floor(ranks.indexOf(inside.ranks.get(id) ?? 0) / columns);
  const rows: [string, Box][][] = [];
  const rest: [string, Box][] = [];
  for (const one of inside.at) {
    if (!inside.ranks.has(one[0])) rest.push(one);
    else (rows[rowOf(one[0])] ??= []).push(one);
  }
  const out: Inside = { w: 0, h: 0, at: new Map(), ranks: inside.ranks, ways: new Map() };
  const lanes: number[] = [];
  const shift: { x: number; y: number }[] = [];
  let y = 0;
  rows.forEach((row, at) => {
    const left = Math.min(...row.map(([, box]) => box.x));
    const top = Math.min(...row.map(([, box]) => box.y));
    shift[at] = { x: -left, y: y - top };
    for (const [id, box] of row) {
      const placed = { ...box, x: box.x - left, y: box.y - top + y };
      out.at.set(id, placed);
      out.w = Math.max(out.w, placed.x + placed.w);
      out.h = Math.max(out.h, placed.y + placed.h);
    }
    lanes[at] = out.h + GAP / 2;
    y = out.h + GAP;
  });
  if (rest.length) {
    const top = Math.min(...rest.map(([, box]) => box.y));
    for (const [id, box] of rest) {
      out.at.set(id, { ...box, y: box.y - top + y });
      out.w = Math.max(out.w, box.x + box.w);
      out.h = Math.max(out.h, box.y - top + y + box.h);
    }
  }
  for (const [key, way] of inside.ways) {
    const [from, to] = JSON.parse(key) as [string, string];
    const [a, b] = [rowOf(from), rowOf(to)];
    const move = shift[a] ?? { x: 0, y: 0 };
    if (a === b) out.ways.set(key, { ...way, points: way.points.map((p) => ({ x: p.x + move.x, y: p.y + move.y })) });
    else {
      const first = lanes[Math.min(a, b) + (a > b ? a - b - 1 : 0)] ?? 0;
      const last = lanes[Math.max(a, b) - 1 - (a > b ? a - b - 1 : 0)] ?? first;
      out.ways.set(key, { points: [], along: way.along, lanes: first === last ? [first] : [first, last] });
    }
  }
  return out;
}
