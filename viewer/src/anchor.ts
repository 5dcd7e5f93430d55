import type { Box, Size } from "./geometry";
import type { Laid } from "./layout";
import type { Tree } from "./tree";

/** Keeps what the eye is on where it is while everything around it is laid out anew. */
export class Anchor {
  /** The group whose handle was used, until the scene has followed. */
  toggled = "";

  /** Shift the new boxes so that one that is in both layouts has its old place. */
  hold(
    before: Laid,
    treeBefore: Tree,
    after: Laid,
    treeAfter: Tree,
    selected: string,
    onScreen: (box: Box) => Box,
    room: Size,
  ): void {
    const inBoth = (id: string): string => {
      for (const tree of [treeBefore, treeAfter])
        for (const at of tree.chain(id)) if (at && before.boxes.has(at) && after.boxes.has(at)) return at;
      return "";
    };
    const seen = (id: string): boolean => {
      const box = before.boxes.get(id);
      if (!box) return false;
      const { x, y, w, h } = onScreen(box);
      return x + w > 0 && y + h > 0 && x < room.w && y < room.h;
    };
    let id = this.toggled ? inBoth(this.toggled) : "";
    if (!id && selected) {
      const candidate = inBoth(selected);
      if (candidate && seen(candidate)) id = candidate;
    }
    id ||= nearest(before, onScreen, room, (one) => after.boxes.has(one));
    const from = before.boxes.get(id);
    const to = after.boxes.get(id);
    const dx = from && to ? from.x - to.x : before.bounds.x;
    const dy = from && to ? from.y - to.y : before.bounds.y;
    if (dx || dy) shift(after, dx, dy);
  }
}

function nearest(laid: Laid, onScreen: (box: Box) => Box, room: Size, wanted: (id: string) => boolean): string {
  let found = "";
  let least = Infinity;
  for (const [id, box] of laid.boxes) {
    if (!wanted(id)) continue;
    const { x, y, w, h } = onScreen(box);
    const distance = Math.hypot(x + w / 2 - room.w / 2, y + h / 2 - room.h / 2);
    if (distance < least) {
      least = distance;
      found = id;
    }
  }
  return found;
}

function shift(laid: Laid, dx: number, dy: number): void {
  for (const box of laid.boxes.values()) {
    box.x += dx;
    box.y += dy;
  }
  for (const origin of laid.origins.values()) {
    origin.x += dx;
    origin.y += dy;
  }
  laid.bounds = { ...laid.bounds, x: laid.bounds.x + dx, y: laid.bounds.y + dy };
}
