/** Width and height in the graph's own units, which are pixels at scale 1. */
export interface Size {
  w: number;
  h: number;
}

/** A rectangle by its top left corner. */
export interface Box extends Size {
  x: number;
  y: number;
}

/** A place. */
export interface Point {
  x: number;
  y: number;
}

/** How an arrow between two members of a group gets past the members in between. */
export interface Way {
  points: Point[];
  /** 1 where it goes with the layout's direction, -1 where a cycle made it go against it. */
  along: 1 | -1;
  /** From border to border with square corners, where it does not go through layers. */
  bent?: Point[];
}

/** The inside of one group, placed from its own origin. */
export interface Inside extends Size {
  at: Map<string, Box>;
  ranks: Map<string, number>;
  ways: Map<string, Way>;
  /** Top to bottom instead of left to right. */
  down?: boolean;
}

/** Below this scale the texts would be smaller than 11 px. */
export const LEGIBLE = 0.9;
/** Just large enough to be read, if then everything is in sight. */
export const READABLE = 0.86;
/** A host narrower than this reads from top to bottom. */
export const NARROW = 800;
export const MARGIN = 28;
/** Width of a folded group in a grid: the same whichever of the others are open. */
export const FOLDED = 228;
