import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from "d3-zoom";
import { type Box, LEGIBLE, MARGIN, type Point, READABLE, type Size } from "./geometry";

const LEAST = 0.08;
const MOST = 3;
/** Room for the buttons below the graph. */
const FOOT = 50;
/** A few boxes alone may be drawn a little larger. */
const ENLARGED = 1.2;

/** A pinch comes as small steps of a wheel with ctrl, a mouse's wheel with ctrl as large ones. */
function notches(event: WheelEvent): number {
  const unit = event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.002;
  const pinch = event.ctrlKey && Math.abs(event.deltaY) < 40 ? 8 : 1.4;
  return -event.deltaY * unit * pinch;
}

/** Which part of the graph is in sight. */
export class View {
  /** What was last fitted in, until the view is moved away from it. */
  fitted: Box | null = null;
  private transform: ZoomTransform = zoomIdentity;
  private behavior: ZoomBehavior<SVGSVGElement, unknown>;
  private timer = 0;

  constructor(
    private svg: SVGSVGElement,
    private layer: SVGGElement,
    private size: () => Size,
    private refused: () => void,
  ) {
    this.behavior = zoom<SVGSVGElement, unknown>()
      .scaleExtent([LEAST, MOST])
      .extent(() => [[0, 0], [size().w, size().h]])
      .clickDistance(4)
      .wheelDelta(notches)
      .filter((event: MouseEvent) => this.wanted(event))
      .on("start", (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
        if (!event.sourceEvent) return;
        this.fitted = null;
        this.settle();
        this.svg.classList.add("mpg-dragging");
      })
      .on("end", () => this.svg.classList.remove("mpg-dragging"))
      .on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
        const { x, y, k } = (this.transform = event.transform);
        layer.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
      });
    select(svg).call(this.behavior).on("dblclick.zoom", null);
  }

  /** A page that scrolls past the graph must not be caught by it; full screen there is no page. */
  private wanted(event: MouseEvent): boolean {
    if (event.type !== "wheel") return !event.button && !event.ctrlKey;
    if (event.ctrlKey || event.metaKey || document.fullscreenElement?.contains(this.svg)) return true;
    this.refused();
    return false;
  }

  get scale(): number {
    return this.transform.k;
  }

  /** Where something of the graph is on the screen, from the top left corner of the canvas. */
  onScreen(box: Box): Box {
    const { x, y, k } = this.transform;
    return { x: box.x * k + x, y: box.y * k + y, w: box.w * k, h: box.h * k };
  }

  /** What of the graph is at a place of the canvas. */
  place(at: Point): Point {
    const { x, y, k } = this.transform;
    return { x: (at.x - x) / k, y: (at.y - y) / k };
  }

  /** Limit how far the graph can be dragged away. */
  limit(bounds: Box): void {
    const { w, h } = this.size();
    this.behavior.translateExtent([
      [bounds.x - w, bounds.y - h],
      [bounds.x + bounds.w + w, bounds.y + bounds.h + h],
    ]);
  }

  /** All of it, centred; or, where that could not be read, its start at a legible scale. */
  fit(bounds: Box, legible: boolean, glide: boolean): void {
    const { w, h } = this.size();
    if (!w || !h) return;
    const whole = Math.min(ENLARGED, (w - 2 * MARGIN) / Math.max(1, bounds.w), (h - MARGIN - FOOT) / Math.max(1, bounds.h));
    const k = Math.max(legible && whole < READABLE ? LEGIBLE : LEAST, whole);
    const place = (room: number, end: number, from: number, length: number): number =>
      length * k + MARGIN + end > room + 1 ? MARGIN - from * k : (room + MARGIN - end - length * k) / 2 - from * k;
    this.go(zoomIdentity.translate(place(w, MARGIN, bounds.x, bounds.w), place(h, FOOT, bounds.y, bounds.h)).scale(k), glide);
    this.fitted = { ...bounds };
  }

  /** Move as little as is needed to see this box. */
  reveal(box: Box, glide = true): void {
    const { w, h } = this.size();
    if (!w || !h) return;
    const k = Math.max(this.scale, Math.min(LEGIBLE, (w - 2 * MARGIN) / box.w));
    let { x, y } = this.transform;
    if (k !== this.scale) {
      x = w / 2 - (box.x + box.w / 2) * k;
      y = h / 2 - (box.y + box.h / 2) * k;
    }
    const nudge = (at: number, length: number, room: number): number => {
      const margin = Math.min(48, room / 8);
      if (length > room - 2 * margin) return margin - at;
      return Math.max(0, margin - at) + Math.min(0, room - margin - (at + length));
    };
    const dx = nudge(box.x * k + x, box.w * k, w);
    const dy = nudge(box.y * k + y, box.h * k, h);
    if (dx || dy || k !== this.scale) this.go(zoomIdentity.translate(x + dx, y + dy).scale(k), glide);
  }

  /** Bring this box near the middle, and of those around it what fits in with it; nothing moves where all of that is so. */
  centre(box: Box, around: Box[], glide = true): void {
    const { w, h } = this.size();
    if (!w || !h) return;
    const room = { x: Math.min(MARGIN, w / 10), y: Math.min(MARGIN, h / 10), w: 0, h: 0 };
    room.w = w - 2 * room.x;
    room.h = h - room.y - Math.min(FOOT, h / 4);
    const all = around.reduce(union, box);
    const whole = Math.min(room.w / all.w, room.h / all.h);
    // A little smaller, if then all of them are in sight.
    const k = whole >= LEGIBLE ? Math.min(whole, Math.max(this.scale, LEGIBLE)) : Math.max(this.scale, Math.min(LEGIBLE, room.w / box.w));
    const middle = { x: box.x + box.w / 2, y: box.y + box.h / 2 };
    const far = (one: Box): number => Math.hypot(one.x + one.w / 2 - middle.x, one.y + one.h / 2 - middle.y);
    let seen = box;
    for (const one of [...around].sort((a, b) => far(a) - far(b))) {
      const more = union(seen, one);
      if (more.w * k <= room.w && more.h * k <= room.h) seen = more;
    }
    const place = (from: number, length: number, at: number, size: number, low: number, high: number): number => {
      if (size * k > length) return from - at * k;
      const centred = from + length / 2 - (at + size / 2) * k;
      return Math.max(from - low * k, Math.min(from + length - high * k, centred));
    };
    const x = place(room.x, room.w, box.x, box.w, seen.x, seen.x + seen.w);
    const y = place(room.y, room.h, box.y, box.h, seen.y, seen.y + seen.h);
    const inside = ({ x: left, y: top, w: wide, h: high }: Box): boolean =>
      left >= room.x - 1 && top >= room.y - 1 && left + wide <= room.x + room.w + 1 && top + high <= room.y + room.h + 1;
    const near = Math.abs(x - this.transform.x) < w / 5 && Math.abs(y - this.transform.y) < h / 5;
    if (k === this.scale && near && inside(this.onScreen(seen))) return;
    this.go(zoomIdentity.translate(x, y).scale(k), glide);
  }

  /** Where all of it fits in from side to side, or from top to bottom, none of it is cut off. */
  keepIn(bounds: Box, glide = true): void {
    const { w, h } = this.size();
    const { x, y, w: wide, h: high } = this.onScreen(bounds);
    const nudge = (at: number, length: number, room: number, start: number, end: number): number =>
      length + start + end > room + 1 ? 0 : Math.max(0, start - at) + Math.min(0, room - end - (at + length));
    const dx = nudge(x, wide, w, Math.min(MARGIN, w / 10), Math.min(MARGIN, w / 10));
    const dy = nudge(y, high, h, Math.min(MARGIN, h / 10), Math.min(FOOT, h / 4));
    if (Math.abs(dx) > 1 || Math.abs(dy) > 1) this.pan(dx, dy, glide);
  }

  /** Shift on the screen. */
  pan(dx: number, dy: number, glide = false): void {
    const { x, y, k } = this.transform;
    this.go(zoomIdentity.translate(x + dx, y + dy).scale(k), glide);
  }

  zoomBy(factor: number): void {
    const { w, h } = this.size();
    const { x, y, k } = this.transform;
    const to = Math.min(MOST, Math.max(LEAST, k * factor));
    this.go(zoomIdentity.translate(w / 2 - ((w / 2 - x) / k) * to, h / 2 - ((h / 2 - y) / k) * to).scale(to), true);
  }

  private go(to: ZoomTransform, glide: boolean): void {
    this.fitted = null;
    this.settle();
    if (glide) {
      this.layer.classList.add("mpg-gliding");
      this.timer = window.setTimeout(() => this.settle(), 300);
    }
    select(this.svg).call(this.behavior.transform, to);
  }

  /** A drag follows the hand at once. */
  private settle(): void {
    window.clearTimeout(this.timer);
    this.layer.classList.remove("mpg-gliding");
  }

  destroy(): void {
    this.settle();
    select(this.svg).on(".zoom", null);
  }
}

function union(a: Box, b: Box): Box {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, w: Math.max(a.x + a.w, b.x + b.w) - x, h: Math.max(a.y + a.h, b.y + b.h) - y };
}
