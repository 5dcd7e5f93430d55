/** The viewer around the graph: what is where, and who is told of what. */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Canvas } from "./canvas";
import { Graph } from "./local/graph";
import { ancestors, descendants } from "./local/lineage";
import { followTheme, saveFile, shieldKeys, toggleFullScreen } from "./host";
import { Details } from "./panels/details";
import { Grip } from "./panels/grip";
import { SaveMenu } from "./panels/menu";
import { SearchBox, ResultList, countOf, useSearch } from "./panels/search";
import { Summary } from "./panels/summary";
import { Folding, LevelSwitch, Tool, Toolbar } from "./panels/toolbar";
import { deedsOf, useSilence, useTraits } from "./state";
import type { Model } from "./model";
import type { Details as Record, Marks, Scene, SceneGroup, Summary as About } from "./types";

interface Props {
  model: Model;
  /** A page of its own: no notebook around it, and no Python behind it. */
  alone: boolean;
}

export function Shell({ model, alone }: Props) {
  const state = useTraits(model);
  const { level, levels, selected, summary, scene, marks, results } = state;
  const [silent, asked] = useSilence(model);
  const deeds = useMemo(() => deedsOf(model, asked), [model, asked]);
  // Preact's own ids are the same in every viewer of a notebook.
  const id = useMemo(() => `mp-${Math.random().toString(36).slice(2)}`, []);
  const root = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);

  const canvas = useMemo(() => new Canvas({ select: deeds.select, toggle: deeds.toggle }), [deeds]);
  useEffect(() => () => canvas.destroy(), [canvas]);

  const select = (to: string): void => {
    if (to === model.get("selected")) canvas.reveal(model.get("marks").selected);
    else deeds.select(to);
  };
  const search = useSearch(state.query, results, { query: deeds.query, select, leave: () => canvas.focus() });
  const close = (): void => {
    deeds.select("");
    canvas.focus();
  };

  useHost(root, box, alone);
  const seen = useMemo(() => (silent ? marksIn(scene, selected, marks) : marks), [silent, scene, selected, marks]);
  const stage = useStage(canvas, scene, seen);
  const large = useLarge(root);
  const refused = useMessages(model);
  const details = state.details.id === selected ? (state.details as Record) : null;
  const news = useNews(level, selected, details, countOf(search));

  const groups = { anyOpen: scene.groups.length > 0, anyFolded: scene.nodes.some(({ kind }) => kind === "group") };
  return (
    <div class={alone ? "mlprov-viewer mp-alone" : "mlprov-viewer"} ref={root} tabIndex={-1}>
      <div class={`mp-frame${selected ? " mp-with-details" : ""}${search.results ? " mp-with-results" : ""}`}>
        <Summary summary={summary} />
        <Toolbar>
          <SearchBox search={search} id={id} box={box} />
          <LevelSwitch levels={levels} level={level} name={`${id}-level`} onChange={deeds.level} />
          <Folding deeds={deeds} any={groups.anyOpen || groups.anyFolded} {...groups} selected={selected !== ""} />
          <div class="mp-tools mp-last">
            <SaveMenu choices={choicesOf(canvas, summary, alone ? null : () => deeds.ask("page"))} />
            <Tool
              bare
              icon={large.is ? "small" : "large"}
              label={large.is ? "Leave full screen" : "Full screen"}
              pressed={large.is}
              onClick={large.toggle}
            />
          </div>
        </Toolbar>
        {scene.note ? <p class="mp-scene-note">{scene.note}</p> : null}
        {refused ? <p class="mp-scene-note" role="alert">{refused}</p> : null}
        {silent && !selected ? (
          <p class="mp-scene-note" role="status">
            No answer from Python: the notebook’s kernel is busy or not running. If it is not, run this cell again.
          </p>
        ) : null}
        <div class="mp-body">
          <ResultList search={search} id={id} />
          <div class="mp-graph">
            <div class="mp-stage" ref={stage} />
            <div class="mp-zoom" role="group" aria-label="Zoom">
              <Tool bare icon="plus" label="Zoom in" onClick={() => canvas.zoomBy(1.3)} />
              <Tool bare icon="minus" label="Zoom out" onClick={() => canvas.zoomBy(1 / 1.3)} />
              <Tool bare icon="fit" label="Fit everything in" onClick={() => canvas.fit()} />
            </div>
          </div>
          {selected ? (
            <Details
              details={details}
              node={scene.nodes.find((node) => node.id === seen.selected)}
              path={pathIn(scene, seen.selected)}
              silent={silent}
              select={select}
              close={close}
            />
          ) : null}
        </div>
        {alone ? null : <Grip root={root} />}
      </div>
      <div class="mp-offscreen" role="status" aria-live="polite">
        {news}
      </div>
    </div>
  );
}

/** Theme, keys, and "/" for the search. */
function useHost(root: { current: HTMLElement | null }, box: { current: HTMLInputElement | null }, alone: boolean): void {
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const find = (): void => {
      box.current?.focus();
      box.current?.select();
    };
    const slash = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as Element).closest("input:not([type=radio]), textarea")) return;
      event.preventDefault();
      find();
    };
    element.addEventListener("keydown", slash);
    element.addEventListener("mlprov-search", find);
    const ends = [followTheme(element, alone), shieldKeys(element)];
    return () => {
      element.removeEventListener("keydown", slash);
      element.removeEventListener("mlprov-search", find);
      for (const end of ends) end();
    };
  }, []);
}

/** Put the graph on the stage, and keep it at what the traits say. */
function useStage(canvas: Canvas, scene: Scene, marks: Marks) {
  const stage = useRef<HTMLDivElement>(null);
  const shown = useRef({ scene: null as unknown, selected: "" });
  // Before the browser paints: the graph and what is beside it change in one frame.
  useLayoutEffect(() => {
    stage.current?.append(canvas.element);
    shown.current = { scene: null, selected: "" };
  }, [canvas]);
  useLayoutEffect(() => {
    const { selected } = marks;
    if (shown.current.scene === scene) canvas.mark(marks);
    else canvas.show(scene, marks);
    const moved = selected !== "" && selected !== shown.current.selected;
    shown.current = { scene, selected };
    if (moved) canvas.reveal(selected);
  }, [canvas, scene, marks]);
  return stage;
}

function useLarge(root: { current: HTMLElement | null }) {
  const [is, set] = useState(false);
  useEffect(() => {
    const changed = (): void => set(document.fullscreenElement !== null && document.fullscreenElement === root.current);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  return { is, toggle: () => void (root.current && toggleFullScreen(root.current).then(set)) };
}

/** Save the files that Python made; give the reason where it could make none. */
function useMessages(model: Model): string {
  const [refused, setRefused] = useState("");
  useEffect(() => {
    const came = (content: { kind?: string; name?: string; message?: string }, buffers?: DataView<ArrayBuffer>[]): void => {
      const data = buffers?.[0];
      setRefused(content.kind === "refused" ? (content.message ?? "") : "");
      if (content.kind === "file" && data) saveFile(content.name ?? "provenance.html", data, "text/html");
    };
    const over = (): void => setRefused("");
    model.on("msg:custom", came);
    model.on("change:scene", over);
    return () => {
      model.off("msg:custom", came);
      model.off("change:scene", over);
    };
  }, [model]);
  return refused;
}

/** Lineage among what is drawn, for a saved notebook in which no Python answers. */
function marksIn(scene: Scene, selected: string, marks: Marks): Marks {
  const graph = new Graph(scene);
  if (marks.selected === selected || !graph.has(selected)) return marks;
  return { ...marks, selected, ancestors: [...ancestors(graph, selected)], descendants: [...descendants(graph, selected)] };
}

/** Open groups around what is selected, outermost first. */
function pathIn(scene: Scene, selected: string): SceneGroup[] {
  const groups = new Map(scene.groups.map((group) => [group.id, group]));
  const found: SceneGroup[] = [];
  const start = scene.nodes.find(({ id }) => id === selected) ?? groups.get(selected);
  for (let at = groups.get(start?.parent ?? ""); at; at = groups.get(at.parent)) found.unshift(at);
  return found;
}

/** What a screen reader says of the last change. */
function useNews(level: string, selected: string, details: Record | null, count: string): string {
  const [news, setNews] = useState("");
  const first = useRef(true);
  const say = (text: string): void => {
    if (!first.current) setNews(text);
  };
  useEffect(() => say(`Level: ${level}`), [level]);
  useEffect(() => say(count), [count]);
  useEffect(() => {
    if (selected === "") say("Nothing selected");
    else if (details) say(`Selected: ${[details.title, details.kind, details.answer].filter(Boolean).join(", ")}`);
  }, [selected, details]);
  useEffect(() => void (first.current = false), []);
  return news;
}

function choicesOf(canvas: Canvas, { title }: About, page: (() => void) | null) {
  const name = title.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 80) || "provenance";
  const choices = [
    {
      label: "Picture (SVG)",
      hint: "what is shown, sharp at any size",
      run: () => saveFile(`${name}.svg`, canvas.toSvg(), "image/svg+xml"),
    },
    {
      label: "Picture (PNG)",
      hint: "what is shown, for slides and mail",
      run: () => void canvas.toPng().then((blob) => saveFile(`${name}.png`, blob, "image/png")),
    },
  ];
  if (page) choices.push({ label: "Page (HTML)", hint: "this viewer with all its data, in one file", run: page });
  return choices;
}
