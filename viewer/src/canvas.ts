import "./canvas.css";
import { Anchor } from "./anchor";
import { type Bundle, bundles } from "./bundle";
import { attachKeys } from "./keys";
import type { Box, Size } from "./geometry";
import { type Laid, Layouter, lead } from "./layout";
import { Legend } from "./legend";
import { type Content, setFamily } from "./measure";
import { picture, png } from "./picture";
import { Stage } from "./stage";
import { html, svg } from "./svg";
import { Tree } from "./tree";
import type { Marks, Scene } from "./types";
import { View } from "./view";

/** What the graph asks of whoever holds it. */
export interface Actions {
  select(id: string): void;
  /** Fold or unfold a group. */
  toggle(group: string): void;
}

const NONE: Marks = { selected: "", ancestors: [], descendants: [], matches: {} };

/** The graph: lays out and draws what it is given, and says what was clicked. */
export class Canvas {
  readonly element: HTMLElement = html("div", "mpg");
  private svg = svg("svg", { class: "mpg-svg" });
  private layer = svg("g", { class: "mpg-layer" });
  private stage = new Stage(this.svg, this.layer);
  private layouter = new Layouter();
  private view: View;
  private legend = new Legend();
  private hint = html("div", "mpg-hint", `${/Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl"} + wheel zooms, dragging moves`);
  private anchor = new Anchor();
  private observer: ResizeObserver;
  private gone = new AbortController();
  private scene: Scene | null = null;
  private edges: Bundle[] = [];
  private tree: Tree | null = null;
  private laid: Laid | null = null;
  private contents = new Map<string, Content>();
  private marks: Marks = NONE;
  private size: Size = { w: 0, h: 0 };
  /** Came while there was no room to draw in. */
  private waiting = false;
  private hinted = 0;
  /** What was last chosen in the graph itself. */
  private pointedAt = "";

  constructor(private actions: Actions) {
    this.element.dataset.lmSuppressShortcuts = "true";
    this.svg.append(this.layer);
    this.hint.setAttribute("aria-hidden", "true");
    this.element.append(this.svg, this.legend.element, this.hint);
    this.view = new View(this.svg, this.layer, () => this.size, () => this.showHint());
    const { signal } = this.gone;
    this.svg.addEventListener("click", (event) => this.clicked(event), { signal });
    this.svg.addEventListener("dblclick", (event) => this.doubleClicked(event), { signal });
    this.svg.addEventListener("pointermove", (event) => this.pointed(event), { signal });
    this.svg.addEventListener("pointerleave", () => this.stage.hover(null), { signal });
    attachKeys(
      this.svg,
      {
        scene: () => this.scene,
        tree: () => this.tree,
        laid: () => this.laid,
        selected: () => this.marks.selected,
        focused: () => this.stage.focused,
        focus: (id) => this.focusOn(id),
        select: (id) => this.choose(id),
        toggle: (id) => this.toggle(id),
        fit: () => this.fit(),
        zoom: (factor) => this.zoomBy(factor),
        pan: (dx, dy) => this.view.pan(dx, dy, true),
      },
      signal,
    );
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
  }

  /** Lay out and draw; what the eye is on keeps its place on the screen. */
  show(scene: Scene, marks: Marks): void {
    const before = this.scene;
    const selectedAnew = marks.selected !== this.marks.selected;
    this.scene = scene;
    this.marks = marks;
    const room = this.size;
    this.measureRoom();
    if (!this.size.w || !this.size.h) {
      this.waiting = true;
      return;
    }
    const first = !this.laid || this.waiting;
    this.waiting = false;
    if (!first && room.w) this.follow(room);
    this.edges = bundles(scene);
    const tree = new Tree(scene, this.edges);
    const contents = this.stage.measure(scene);
    const laid = this.layouter.layout(scene, tree, contents, this.size);
    if (!first && this.laid && this.tree) {
      const seen = (box: Box): Box => this.view.onScreen(box);
      this.anchor.hold(this.laid, this.tree, laid, tree, marks.selected, seen, this.size);
    }
    lead(laid, this.edges, tree);
    this.tree = tree;
    this.laid = laid;
    this.contents = contents;
    this.stage.draw(scene, this.edges, tree, laid, contents, first);
    this.stage.mark(marks, scene, laid);
    this.view.limit(laid.bounds);
    const chosen = laid.boxes.get(marks.selected);
    if (first) {
      this.view.fit(laid.bounds, true, false);
      if (chosen) this.bring(marks.selected, false);
    } else if (before?.level !== scene.level) this.settleLevel(marks.selected);
    else if (selectedAnew && marks.selected) this.reveal(marks.selected);
    else if (!this.inSight()) this.view.fit(laid.bounds, true, true);
    this.anchor.toggled = "";
    this.legend.show(scene);
  }

  /** Change what stands out, without a new layout. */
  mark(marks: Marks): void {
    this.marks = marks;
    if (this.scene && this.laid && !this.waiting) this.stage.mark(marks, this.scene, this.laid);
  }

  /** Move so that this box is in sight, with its neighbours. */
  reveal(id: string): void {
    // What was opened or closed beside the graph may have taken room from it.
    this.resized();
    this.bring(id, true);
  }

  /** Everything in sight. */
  fit(): void {
    if (this.laid) this.view.fit(this.laid.bounds, false, true);
  }

  zoomBy(factor: number): void {
    this.view.zoomBy(factor);
  }

  /** Put the keyboard's focus on the selected box, or else on the first. */
  focus(): void {
    this.focusOn(this.marks.selected && this.laid?.boxes.has(this.marks.selected) ? this.marks.selected : this.stage.focused);
  }

  /** What is shown, as a picture of its own. */
  toSvg(): string {
    if (!this.laid) return picture(this.svg, { x: 0, y: 0, w: 1, h: 1 });
    return picture(this.svg, this.laid.bounds);
  }

  /** The same as a PNG with two pixels to each unit. */
  toPng(): Promise<Blob> {
    return png(this.toSvg());
  }

  destroy(): void {
    this.observer.disconnect();
    this.gone.abort();
    this.view.destroy();
    this.stage.destroy();
    window.clearTimeout(this.hinted);
    this.element.remove();
  }

  private toggle(id: string): void {
    this.anchor.toggled = id;
    this.actions.toggle(id);
  }

  private choose(id: string): void {
    this.pointedAt = id;
    this.actions.select(id);
  }

  /** What was chosen in the graph stays where it is, or nearly; what was chosen elsewhere comes to the middle. */
  private bring(id: string, glide: boolean): void {
    const { laid, scene } = this;
    const box = laid?.boxes.get(id);
    if (!laid || !scene || !box) return;
    if (id !== this.pointedAt) this.pointedAt = "";
    if (this.pointedAt || this.seesAll()) {
      this.view.reveal(box, glide);
      this.view.keepIn(laid.bounds, glide);
      return;
    }
    const ids = scene.edges.flatMap(({ source, target }) => (source === id ? [target] : target === id ? [source] : []));
    const around = [...new Set(ids)].flatMap((one) => laid.boxes.get(one) ?? []);
    this.view.centre(box, around, glide);
    this.view.keepIn(laid.bounds, glide);
  }

  private seesAll(): boolean {
    if (!this.laid) return false;
    const { x, y, w, h } = this.view.onScreen(this.laid.bounds);
    return x >= 0 && y >= 0 && x + w <= this.size.w && y + h <= this.size.h;
  }

  private focusOn(id: string): void {
    if (!this.stage.focus(id)) return;
    const box = this.laid?.boxes.get(id);
    if (box) this.view.reveal(this.tree?.groups.has(id) ? { ...box, h: Math.min(box.h, 60) } : box);
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    const id = this.stage.idAt(target);
    if (target.closest(".mpg-handle")) {
      this.stage.focus(id);
      this.toggle(id);
      return;
    }
    // The inside of a frame is background: only its title bar is the group.
    if (!id || target.classList.contains("mpg-frame")) this.actions.select("");
    else {
      this.stage.focus(id);
      this.choose(id);
    }
  }

  private pointed(event: PointerEvent): void {
    // Not while dragging.
    if (event.buttons) return;
    const { left, top } = this.svg.getBoundingClientRect();
    this.stage.hover(event.target as Element, this.view.place({ x: event.clientX - left, y: event.clientY - top }));
  }

  private doubleClicked(event: MouseEvent): void {
    const target = event.target as Element;
    const id = this.stage.idAt(target);
    if (!id || target.closest(".mpg-handle") || target.classList.contains("mpg-frame")) return;
    if (this.tree?.groups.has(id) || this.tree?.nodes.get(id)?.kind === "group") this.toggle(id);
  }

  private measureRoom(): void {
    this.size = { w: this.element.clientWidth, h: this.element.clientHeight };
    if (this.size.w && setFamily(getComputedStyle(this.element).fontFamily)) this.stage.forget();
  }

  private resized(): void {
    const before = this.size;
    this.measureRoom();
    const { w, h } = this.size;
    if (!this.scene || !w || !h || (before.w === w && before.h === h && !this.waiting)) return;
    if (this.waiting || !this.laid || !this.tree) {
      this.show(this.scene, this.marks);
      return;
    }
    // Shown again after it was hidden: nothing changed.
    if (!before.w || !before.h) return;
    const key = this.laid.key;
    const wasWhole = this.isFitted();
    // Where every box would be in the new room: the arrows follow only if that is another place.
    const next = this.layouter.layout(this.scene, this.tree, this.contents, this.size);
    if (next.key !== key) this.show(this.scene, this.marks);
    else this.view.limit(this.laid.bounds);
    this.follow(before, wasWhole);
  }

  /** In another room: all of it again where that was in sight, else the same middle; and still what is selected. */
  private follow(before: Size, wasWhole = this.isFitted()): void {
    const { w, h } = this.size;
    if (!this.laid || (before.w === w && before.h === h)) return;
    const { selected } = this.marks;
    const box = this.laid.boxes.get(selected);
    const at = box && this.view.onScreen(box);
    const seen = at && at.x + at.w > 0 && at.y + at.h > 0 && at.x < before.w && at.y < before.h;
    if (wasWhole) this.view.fit(this.laid.bounds, true, false);
    else this.view.pan((w - before.w) / 2, 0);
    if (wasWhole || seen) this.bring(selected, false);
  }

  private isFitted(): boolean {
    const { fitted } = this.view;
    const bounds = this.laid?.bounds;
    return Boolean(fitted && bounds && fitted.x === bounds.x && fitted.y === bounds.y && fitted.w === bounds.w && fitted.h === bounds.h);
  }

  /** Another level: all of it if it can be read, else what is selected. */
  private settleLevel(selected: string): void {
    if (!this.laid) return;
    this.view.fit(this.laid.bounds, true, true);
    this.bring(selected, true);
  }

  private inSight(): boolean {
    const bounds = this.laid?.bounds;
    if (!bounds) return true;
    const { x, y, w, h } = this.view.onScreen(bounds);
    const wide = Math.min(x + w, this.size.w) - Math.max(x, 0);
    const high = Math.min(y + h, this.size.h) - Math.max(y, 0);
    return wide > Math.min(60, w / 2) && high > Math.min(40, h / 2);
  }

  private showHint(): void {
    window.clearTimeout(this.hinted);
    this.hint.classList.add("mpg-shown");
    this.hinted = window.setTimeout(() => this.hint.classList.remove("mpg-shown"), 1200);
  }
}
