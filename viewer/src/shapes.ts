import type { Box } from "./geometry";
import type { SceneNode } from "./types";

type Kind = SceneNode["kind"];

/** Height of the roof by which PROV tells an agent. */
export const ROOF = 11;

/** Outline of a box: PROV's customary shapes, with room for text in them. */
export function outline(kind: Kind, w: number, h: number, grow = 0): string {
  const x0 = -grow;
  const y0 = -grow;
  const x1 = w + grow;
  const y1 = h + grow;
  if (kind === "agent") {
    const eaves = y0 + ROOF;
    return `M${x0},${eaves}L${w / 2},${y0 - grow * 0.2}L${x1},${eaves}V${y1}H${x0}Z`;
  }
  const r = radius(kind, w, h) + grow;
  return (
    `M${x0 + r},${y0}H${x1 - r}A${r},${r} 0 0 1 ${x1},${y0 + r}V${y1 - r}A${r},${r} 0 0 1 ${x1 - r},${y1}` +
    `H${x0 + r}A${r},${r} 0 0 1 ${x0},${y1 - r}V${y0 + r}A${r},${r} 0 0 1 ${x0 + r},${y0}Z`
  );
}

function radius(kind: Kind, w: number, h: number): number {
  if (kind === "entity") return Math.min(h / 2, w / 2, 22);
  if (kind === "activity") return 3;
  return 8;
}

/** How far inside the box's side the outline is, at a place along that side: arrows end on the outline. */
export function inset(kind: Kind, box: Box, along: number, vertical: boolean, atStart: boolean): number {
  if (kind === "agent") {
    if (!vertical || !atStart) return 0;
    return (ROOF * Math.abs(along - box.w / 2)) / (box.w / 2);
  }
  const r = radius(kind, box.w, box.h);
  const length = vertical ? box.w : box.h;
  const beyond = Math.max(0, r - along, along - (length - r));
  return r - Math.sqrt(Math.max(0, r * r - beyond * beyond));
}
