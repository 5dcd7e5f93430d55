import type { Box, Point, Size } from "./geometry";

interface Placed {
  id: string;
  size: Size;
}

/** Members that hang on the same others, in rows instead of one long line. */
export interface Block {
  id: string;
  size: Size;
  /** Where its members are, from its own origin. */
  at: Map<string, Box>;
  /** Past its other members to one of them: from the side where the flow begins, or where it ends. */
  way(id: string, side: "start" | "end"): Point[];
}

/** In a layer of more than this, those that hang on the same others are wrapped. */
const MOST_IN_LAYER = 5;
const FEWEST = 3;
/** Between the lines of a block: room for a bend and an arrowhead. */
const BETWEEN = { down: 40, right: 46 };
/** Between the members of a line: arrows to the lines behind pass here. */
const BESIDE = { down: 28, right: 22 };

/** Which members to wrap; `ranks` says who is in which layer, `shape` how wide a block is to be for its height. */
export function blocks(
  members: (Placed & { wraps: boolean })[],
  pairs: [string, string, number][],
  ranks: Map<string, number>,
  down: boolean,
  shape: number,
): Block[] {
  const inLayer = new Map<number, number>();
  for (const rank of ranks.values()) inLayer.set(rank, (inLayer.get(rank) ?? 0) + 1);
  const crowded = (id: string): boolean => (inLayer.get(ranks.get(id) ?? -1) ?? 0) > MOST_IN_LAYER;
  const others = new Map<string, Set<string>>(members.map(({ id }) => [id, new Set()]));
  for (const [from, to] of pairs) {
    others.get(from)?.add(JSON.stringify([to, 1]));
    others.get(to)?.add(JSON.stringify([from, -1]));
  }
  const alike = new Map<string, Placed[]>();
  for (const member of members) {
    if (!member.wraps || !crowded(member.id)) continue;
    const key = JSON.stringify([...(others.get(member.id) ?? [])].sort());
    alike.set(key, [...(alike.get(key) ?? []), member]);
  }
  const some = [...alike.values()].filter((list) => list.length >= FEWEST);
  return some.map((list, at) => block(JSON.stringify(["block", at]), list, down, shape));
}

function block(id: string, members: Placed[], down: boolean, shape: number): Block {
  const [between, beside] = down ? [BETWEEN.down, BESIDE.down] : [BETWEEN.right, BESIDE.right];
  const w = Math.max(...members.map(({ size }) => size.w)) + (down ? beside : between);
  const h = members.reduce((sum, { size }) => sum + size.h, 0) / members.length + (down ? between : beside);
  const columns = Math.min(members.length, Math.max(2, Math.round(Math.sqrt((members.length * shape * h) / w))));
  const lines = down ? Math.ceil(members.length / columns) : columns;
  // Read row by row, whichever way the arrows go.
  const place = members.map(({ id: name, size }, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const [long, wide] = down ? [size.h, size.w] : [size.w, size.h];
    return { name, size, line: down ? row : column, slot: down ? column : row, long, wide };
  });
  const lineEnds = stack(place.map(({ line, long }) => [line, long]), between);
  const slotEnds = stack(place.map(({ slot, wide }) => [slot, wide]), beside);
  const at = new Map<string, Box>();
  for (const { name, size, line, slot } of place) {
    const [along, across] = [lineEnds[line]?.[0] ?? 0, slotEnds[slot]?.[0] ?? 0];
    at.set(name, { ...size, x: down ? across : along, y: down ? along : across });
  }
  const length = lineEnds.at(-1)?.[1] ?? 0;
  const width = slotEnds.at(-1)?.[1] ?? 0;
  const known = new Map(place.map((one) => [one.name, one]));
  return {
    id,
    size: down ? { w: width, h: length } : { w: length, h: width },
    at,
    way(name, side) {
      const { line = 0, slot = 0 } = known.get(name) ?? {};
      if (line === (side === "start" ? 0 : lines - 1)) return [];
      // Through the gap on the side of the middle, each line's arrows a little apart.
      const first = slot < slotEnds.length / 2 && slot + 1 < slotEnds.length ? slot : slot - 1;
      const gap = (slotEnds[first]?.[1] ?? width) + beside / 2 + ((line % 3) - 1) * 5;
      const [outer, inner] = side === "start" ? [0, lineEnds[line - 1]?.[1] ?? 0] : [length, lineEnds[line + 1]?.[0] ?? length];
      return [outer, inner].map((along) => (down ? { x: gap, y: along } : { x: along, y: gap }));
    },
  };
}

/** Where each of some strips begins and ends that are as thick as the thickest in them. */
function stack(parts: [number, number][], gap: number): [number, number][] {
  const thick: number[] = [];
  for (const [at, size] of parts) thick[at] = Math.max(thick[at] ?? 0, size);
  let from = 0;
  return thick.map((size) => {
    const strip: [number, number] = [from, from + size];
    from += size + gap;
    return strip;
  });
}
