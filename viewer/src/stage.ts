import type { Bundle } from "./bundle";
import { drawEdge, drawGroup, drawLabel, drawMatches, drawNode, edgeLabel, type EdgeParts, routeEdge, spoken } from "./draw";
import type { Box, Point } from "./geometry";
import type { Laid } from "./layout";
import { type Content, measure } from "./measure";
import { Mesh } from "./mesh";
import { moveTo, svg } from "./svg";
import { type Tree } from "./tree";
import type { Marks, Scene } from "./types";

interface Drawn {
  g: SVGGElement;
  /** What it was drawn from. */
  key: string;
  /** Classes that marks gave it. */
  marked: string;
  matches: number;
  badge: SVGGElement | null;
  width: number;
}

interface DrawnEdge {
  g: SVGGElement;
  key: string;
  parts: EdgeParts;
  edge: Bundle;
  on: boolean | null;
  long: boolean;
}

const LEAVING = 240;
/** More than this many things that move at once stutter: they jump instead. */
const MANY = 260;
const MAX_LABELS = 14;

/** Keeps the SVG's elements in step with the scene, and what stands out with the marks. */
export class Stage {
  /** The box that Tab leads to. */
  focused = "";
  private groups = svg("g");
  private edges = svg("g", { "aria-hidden": "true" });
  private nodes = svg("g");
  private labels = svg("g", { class: "mpg-labels", "aria-hidden": "true" });
  private hovering = svg("g", { class: "mpg-labels", "aria-hidden": "true" });
  private boxes = new Map<string, Drawn>();
  private arrows = new Map<string, DrawnEdge>();
  private contents = new Map<string, Content>();
  private timers = new Set<number>();
  private laid: Laid | null = null;
  private pointed = "";
  /** Nothing glides or fades this time. */
  private still = true;
  /** All arrows of the scene; where there are very many, they are in the mesh. */
  private shown: Bundle[] = [];
  private dense = false;
  private mesh = new Mesh();

  constructor(
    private root: SVGSVGElement,
    layer: SVGGElement,
  ) {
    layer.append(this.groups, this.mesh.element, this.edges, this.nodes, this.labels, this.hovering);
    root.setAttribute("role", "group");
    // Reached when there is no box to reach, and for a click that leaves the boxes.
    root.setAttribute("tabindex", "-1");
    // A screen reader moves the focus without a key that we hear of.
    root.addEventListener("focusin", (event) => {
      const id = this.idAt(event.target as Element);
      if (!id || id === this.focused) return;
      this.focused = id;
      this.rove();
    });
  }

  /** Another font: everything has to be measured and drawn again. */
  forget(): void {
    this.contents.clear();
    for (const drawn of this.boxes.values()) drawn.key = "";
    for (const drawn of this.arrows.values()) drawn.key = "";
  }

  /** How much room each node needs. */
  measure(scene: Scene): Map<string, Content> {
    const kept = new Map<string, Content>();
    const found = new Map<string, Content>();
    for (const node of scene.nodes) {
      const key = JSON.stringify({ ...node, id: node.title ? "" : node.id, parent: "" });
      const content = this.contents.get(key) ?? kept.get(key) ?? measure(node);
      kept.set(key, content);
      found.set(node.id, content);
    }
    this.contents = kept;
    return found;
  }

  draw(scene: Scene, edges: Bundle[], tree: Tree, laid: Laid, contents: Map<string, Content>, first: boolean): void {
    this.laid = laid;
    // Folding puts another element in the place of the one that has the keyboard's focus.
    const held = this.root.contains((this.root.getRootNode() as Document | ShadowRoot).activeElement);
    // What goes counts as well: it would fade.
    const things = Math.max(scene.nodes.length + edges.length, this.boxes.size + this.arrows.size);
    this.still = first || things > MANY || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.root.classList.toggle("mpg-still", first || things > MANY);
    this.dense = edges.length > MANY;
    this.root.setAttribute(
      "aria-label",
      `Graph of ${scene.nodes.length} boxes and ${scene.edges.length} arrows. Arrow keys follow the arrows, ` +
        "Enter selects, plus and minus unfold and fold, slash searches, Escape clears.",
    );
    const ways = new Map<string, [number, number]>();
    for (const edge of scene.edges) {
      for (const [end, at] of [[edge.target, 0], [edge.source, 1]] as const) {
        const both = ways.get(end) ?? [0, 0];
        both[at] += edge.count || 1;
        ways.set(end, both);
      }
    }
    const had = new Set(this.boxes.keys());
    for (const group of scene.groups) {
      const box = laid.boxes.get(group.id);
      if (!box) continue;
      had.delete(`+${group.id}`);
      const depth = tree.chain(group.id).length;
      const drawn = this.box(`+${group.id}`, group.id, this.groups, box);
      const key = JSON.stringify([group, box.w, box.h]);
      if (drawn.key !== key) {
        drawGroup(drawn.g, group, box, depth);
        this.redrawn(drawn, key, box);
        drawn.g.setAttribute("aria-label", `${group.title || group.id}, group, unfolded, ${group.count} elements`.slice(0, 600));
        drawn.g.setAttribute("aria-expanded", "true");
      }
    }
    for (const node of scene.nodes) {
      const box = laid.boxes.get(node.id);
      const content = contents.get(node.id);
      if (!box || !content) continue;
      had.delete(node.id);
      const drawn = this.box(node.id, node.id, this.nodes, box);
      const [arrowsIn, arrowsOut] = ways.get(node.id) ?? [0, 0];
      const key = JSON.stringify([node, box.w, box.h, arrowsIn, arrowsOut]);
      if (drawn.key !== key) {
        drawNode(drawn.g, node, content, box);
        this.redrawn(drawn, key, box);
        drawn.g.setAttribute("aria-label", spoken(node, arrowsIn, arrowsOut));
        if (node.kind === "group") drawn.g.setAttribute("aria-expanded", "false");
      }
    }
    for (const key of had) {
      this.leave(this.boxes.get(key)?.g);
      this.boxes.delete(key);
    }
    this.drawEdges(edges, laid);
    // Screen readers and Tab follow the order of the document: that of the scene.
    this.inOrder(scene);
    if (!laid.boxes.has(this.focused)) this.focused = scene.nodes[0]?.id ?? scene.groups[0]?.id ?? "";
    this.rove();
    if (held) this.focus(this.focused);
  }

  private box(key: string, id: string, layer: SVGGElement, box: Box): Drawn {
    let drawn = this.boxes.get(key);
    if (!drawn) {
      const g = svg("g", { role: "button", tabindex: "-1", "aria-pressed": "false" });
      g.dataset.id = id;
      drawn = { g, key: "", marked: "", matches: 0, badge: null, width: box.w };
      this.boxes.set(key, drawn);
      layer.append(g);
      this.enter(g);
    }
    moveTo(drawn.g, box.x, box.y);
    return drawn;
  }

  private redrawn(drawn: Drawn, key: string, box: Box): void {
    // Drawing replaced the classes and the badge.
    Object.assign(drawn, { key, marked: "", matches: 0, badge: null, width: box.w });
  }

  private drawEdges(edges: Bundle[], laid: Laid): void {
    const had = new Set(this.arrows.keys());
    this.shown = edges;
    this.mesh.show(this.dense ? edges : [], laid.routes);
    for (const edge of this.dense ? [] : edges) {
      const route = laid.routes.get(edge.id);
      if (!route) continue;
      had.delete(edge.id);
      const key = `${edge.kind} ${edge.count} ${edge.both} ${edge.role} ${JSON.stringify(edge.kinds)}`;
      let drawn = this.arrows.get(edge.id);
      const fresh = !drawn;
      if (!drawn) {
        const g = svg("g");
        g.dataset.edge = edge.id;
        drawn = { g, key, parts: drawEdge(g, edge), edge, on: null, long: false };
        this.arrows.set(edge.id, drawn);
        this.edges.append(g);
      } else if (drawn.key === key) drawn.edge = edge;
      else {
        Object.assign(drawn, { key, parts: drawEdge(drawn.g, edge), edge, on: null, long: false });
      }
      if (drawn.long !== route.long) drawn.g.classList.toggle("mpg-long", (drawn.long = route.long));
      if (routeEdge(drawn.parts, route) || fresh) this.enter(drawn.g);
    }
    for (const id of had) {
      this.leave(this.arrows.get(id)?.g);
      this.arrows.delete(id);
    }
  }

  private inOrder(scene: Scene): void {
    let at: Element | null = this.nodes.firstElementChild;
    for (const node of scene.nodes) {
      const g = this.boxes.get(node.id)?.g;
      if (!g) continue;
      while (at?.classList.contains("mpg-leaving")) at = at.nextElementSibling;
      if (g === at) at = at.nextElementSibling;
      // Moving the focused element would take the focus from it.
      else if (g !== document.activeElement) this.nodes.insertBefore(g, at);
    }
  }

  private enter(g: SVGGElement): void {
    if (!this.still) g.animate?.([{ opacity: 0 }, { opacity: 1 }], { duration: 240, easing: "ease-out" });
  }

  private leave(g: SVGGElement | undefined): void {
    if (!g) return;
    if (this.still) {
      g.remove();
      return;
    }
    g.classList.add("mpg-leaving");
    g.setAttribute("aria-hidden", "true");
    g.removeAttribute("data-id");
    g.removeAttribute("tabindex");
    const timer = window.setTimeout(() => {
      this.timers.delete(timer);
      g.remove();
    }, LEAVING);
    this.timers.add(timer);
  }

  /** What stands out: only what changed is touched. */
  mark(marks: Marks, scene: Scene, laid: Laid): void {
    const ancestors = new Set(marks.ancestors);
    const descendants = new Set(marks.descendants);
    const { selected } = marks;
    const lineage = Boolean(selected) && (ancestors.size > 0 || descendants.size > 0);
    this.root.classList.toggle("mpg-lineage", lineage);
    for (const drawn of this.boxes.values()) {
      const id = drawn.g.dataset.id ?? "";
      const many = Object.hasOwn(marks.matches, id) ? (marks.matches[id] ?? 0) : 0;
      const classes: string[] = [];
      if (id === selected) classes.push("mpg-selected");
      if (ancestors.has(id)) classes.push("mpg-ancestor");
      if (descendants.has(id)) classes.push("mpg-descendant");
      if (many) classes.push("mpg-match");
      const marked = classes.join(" ");
      if (marked !== drawn.marked) {
        if (drawn.marked) drawn.g.classList.remove(...drawn.marked.split(" "));
        if (marked) drawn.g.classList.add(...classes);
        drawn.marked = marked;
        drawn.g.setAttribute("aria-pressed", String(id === selected));
      }
      if (many !== drawn.matches) {
        drawn.badge?.remove();
        drawn.badge = many ? drawMatches(many, drawn.width) : null;
        if (drawn.badge) drawn.g.append(drawn.badge);
        drawn.matches = many;
      }
    }
    const within = (id: string, set: Set<string>): boolean => id === selected || set.has(id);
    const near: Bundle[] = [];
    const folded = new Set(scene.nodes.filter((node) => node.kind === "group").map((node) => node.id));
    const isOn = ({ source, target }: Bundle): boolean =>
      (within(source, ancestors) && within(target, ancestors)) || (within(source, descendants) && within(target, descendants));
    this.mesh.mark(isOn);
    for (const drawn of this.arrows.values()) {
      const on = isOn(drawn.edge);
      if (on === drawn.on) continue;
      drawn.g.classList.toggle("mpg-on", on);
      drawn.on = on;
    }
    for (const edge of selected ? this.shown : []) {
      const { source, target } = edge;
      const beside = source === selected ? target : target === selected ? source : "";
      // In between folded groups there is no room for words: those arrows say theirs when they are pointed at.
      if (beside && !folded.has(source) && !folded.has(target)) near.push(edge);
    }
    this.labels.replaceChildren();
    if (scene.level === "engineer" && near.length <= MAX_LABELS) this.label(near, laid);
    if (selected && laid.boxes.has(selected)) {
      this.focused = selected;
      this.rove();
    }
  }

  private label(edges: Bundle[], laid: Laid): void {
    for (const edge of edges) {
      const text = edgeLabel(edge);
      const at = laid.routes.get(edge.id)?.middle;
      // A bundle has its count there, and says more when it is pointed at.
      if (text && at && edge.count === 1) this.labels.append(drawLabel(text, at, ""));
    }
  }

  /** What is pointed at says what it is. */
  hover(target: Element | null, place: Point | null = null): void {
    const id = target?.closest<SVGGElement>("[data-edge]")?.dataset.edge ?? "";
    const edge = this.dense ? this.mesh.at(target?.closest(".mpg-mesh") ? place : null) : this.arrows.get(id)?.edge;
    const now = edge?.id ?? "";
    if (now === this.pointed) return;
    this.arrows.get(this.pointed)?.g.classList.remove("mpg-pointed");
    this.pointed = now;
    this.hovering.replaceChildren();
    const at = this.laid?.routes.get(now)?.middle;
    if (!edge || !at) return;
    this.arrows.get(now)?.g.classList.add("mpg-pointed");
    const text = edgeLabel(edge);
    if (text) this.hovering.append(drawLabel(text, at, "mpg-strong"));
  }

  /** The node or group that an element of the drawing belongs to; "" for the background. */
  idAt(target: Element): string {
    return target.closest<SVGGElement>("[data-id]")?.dataset.id ?? "";
  }

  /** Put the keyboard's focus on a box; false where there is none. */
  focus(id: string): boolean {
    const drawn = this.boxes.get(id) ?? this.boxes.get(`+${id}`);
    if (!drawn) {
      this.root.focus({ preventScroll: true });
      return false;
    }
    this.focused = id;
    this.rove();
    drawn.g.focus({ preventScroll: true });
    return true;
  }

  /** One box alone is a stop of Tab; the arrow keys lead on from there. */
  private rove(): void {
    for (const drawn of this.boxes.values()) {
      const stop = drawn.g.dataset.id === this.focused ? "0" : "-1";
      if (drawn.g.getAttribute("tabindex") !== stop) drawn.g.setAttribute("tabindex", stop);
    }
  }

  destroy(): void {
    for (const timer of this.timers) window.clearTimeout(timer);
    this.timers.clear();
    this.boxes.clear();
    this.arrows.clear();
    this.contents.clear();
    this.root.replaceChildren();
  }
}
