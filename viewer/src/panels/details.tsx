/** The whole record of what is selected. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Attribute, Details as Content, Reason, Relation, SceneGroup, SceneNode } from "../types";
import { Value } from "./forms";
import { Glyph, Icon, KINDS } from "./icons";
import { Copy, Link, More } from "./parts";

interface Props {
  details: Content | null;
  /** What the graph itself knows of the selected one, until the record has come. */
  node: SceneNode | undefined;
  /** The groups that it is drawn in, outermost first. */
  path: SceneGroup[];
  silent: boolean;
  select(id: string): void;
  close(): void;
}

export function Details({ details, node, path, silent, select, close }: Props) {
  const panel = useRef<HTMLElement>(null);
  const about = details ?? node;
  useEffect(() => {
    panel.current?.scrollTo({ top: 0 });
  }, [about?.id]);
  const keys = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  };
  return (
    <aside class="mp-details" aria-label="Details" ref={panel} onKeyDown={keys} tabIndex={-1}>
      <header class="mp-details-bar">
        <div>
          {details?.where.length ? <Where titles={details.where} path={path} select={select} /> : null}
          <h3 title={about?.title}>{about?.title}</h3>
        </div>
        <button type="button" class="mp-tool mp-bare mp-close" aria-label="Close the details" title="Close (Esc)" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {about ? <Head about={about} details={details} select={select} /> : null}
      {details ? (
        <Record details={details} select={select} />
      ) : (
        <>
          {node ? <Lines node={node} /> : null}
          {silent ? (
            <p class="mp-quiet" role="status">
              Run this cell again for details: the notebook’s kernel is busy or not running.
            </p>
          ) : (
            <p class="mp-quiet mp-waiting">Loading…</p>
          )}
        </>
      )}
    </aside>
  );
}

function Head({ about, details, select }: { about: Content | SceneNode; details: Content | null; select(id: string): void }) {
  return (
    <>
      <p class="mp-chips">
        <span class="mp-chip">
          <Glyph kind={about.kind} />
          {KINDS[about.kind]}
        </span>
        {about.type ? <span class="mp-chip mp-plain">{about.type}</span> : null}
      </p>
      {details?.answer ? <Answer details={details} select={select} /> : null}
    </>
  );
}

/** Where it is; the groups that are drawn can be selected. */
function Where({ titles, path, select }: { titles: string[]; path: SceneGroup[]; select(id: string): void }) {
  return (
    <nav class="mp-where" aria-label="Where it is">
      {titles.map((title, place) => {
        const group = path[place];
        return (
          <span key={place}>
            {place ? <i aria-hidden="true"> › </i> : null}
            {group?.title === title ? (
              <Link id={group.id} select={select}>
                {title}
              </Link>
            ) : (
              title
            )}
          </span>
        );
      })}
    </nav>
  );
}

/** What determined it leads to what determined it, where the reasons name an element. */
function Answer({ details, select }: { details: Content; select(id: string): void }) {
  const to = details.why.find((step) => step.depth > 0 && step.id && step.id !== details.id);
  return (
    <p class="mp-answer">
      {to ? (
        <Link id={to.id} select={select}>
          {details.answer} <Icon name="next" />
        </Link>
      ) : (
        details.answer
      )}
    </p>
  );
}

function Lines({ node }: { node: SceneNode }) {
  return (
    <dl class="mp-attributes">
      {[...(node.headline ? [[node.headline_label, node.headline]] : []), ...node.lines].map(([label, value], place) => (
        <div key={place}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Record({ details, select }: { details: Content; select(id: string): void }) {
  const { why, attributes, relations, more_relations: more, name } = details;
  return (
    <>
      {why.length > 1 ? <Why steps={why} self={details.id} select={select} key={`${details.id} why`} /> : null}
      {attributes.length ? <Attributes attributes={attributes} select={select} key={details.id} /> : null}
      {relations.length ? <Relations relations={relations} more={more} select={select} key={`${details.id} relations`} /> : null}
      {name ? (
        <section class="mp-name">
          <h4>Name in the document</h4>
          <p>
            <code>{name}</code>
            <Copy text={name} label="Copy the name" />
          </p>
        </section>
      ) : null}
    </>
  );
}

const MOST_STEPS = 5;

function Why({ steps, self, select }: { steps: Reason[]; self: string; select(id: string): void }) {
  const [all, setAll] = useState(false);
  // One more is no longer than the button that would show it.
  const shown = all || steps.length <= MOST_STEPS + 1 ? steps : steps.slice(0, MOST_STEPS);
  return (
    <section>
      <h4>Why it is so</h4>
      <ol class="mp-why">
        {shown.map(({ text, id, depth }, place) => (
          <li key={place} style={{ "--mp-depth": Math.min(depth, 5) }}>
            {id && id !== self ? (
              <Link id={id} select={select}>
                {text}
              </Link>
            ) : (
              text
            )}
          </li>
        ))}
      </ol>
      {steps.length > MOST_STEPS + 1 ? <More all={all} set={setAll} what={`${steps.length} steps`} /> : null}
    </section>
  );
}

/** Longer text reads better under its name than beside it. */
const WIDE = 90;

function Attributes({ attributes, select }: { attributes: Attribute[]; select(id: string): void }) {
  return (
    <section>
      <div class="mp-heading">
        <h4>Attributes</h4>
        <Copy text={asJson(attributes)} label="Copy all attributes as JSON" words="Copy all" />
      </div>
      <dl class="mp-attributes">
        {attributes.map((attribute, place) => {
          const { name, value, type, unit, form } = attribute;
          const wide = (form !== "text" && form !== "link") || value.length > WIDE;
          return (
            <div key={place} class={wide ? "mp-wide" : ""}>
              <dt>
                {name}
                {wide && type ? <span class="mp-type"> {type}</span> : null}
              </dt>
              <dd>
                <div class="mp-value">
                  <Value attribute={attribute} select={select} />
                  {unit ? <span class="mp-unit"> {unit}</span> : null}
                  {!wide && type ? <span class="mp-type"> {type}</span> : null}
                </div>
                <Copy text={value} label={`Copy ${name}`} />
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** Attributes by name; a name that comes more than once has a list. */
function asJson(attributes: Attribute[]): string {
  const all = new Map<string, unknown[]>();
  for (const { name, value, type, unit } of attributes) {
    const said = type || unit ? { value, ...(type && { type }), ...(unit && { unit }) } : value;
    all.set(name, [...(all.get(name) ?? []), said]);
  }
  return JSON.stringify(Object.fromEntries([...all].map(([name, found]) => [name, found.length > 1 ? found : found[0]])), null, 2);
}

const MOST_LINKS = 8;

function Relations({ relations, more, select }: { relations: Relation[]; more: number; select(id: string): void }) {
  const groups = new Map<string, Relation[]>();
  for (const relation of relations) groups.set(relation.label, [...(groups.get(relation.label) ?? []), relation]);
  return (
    <section>
      <h4>Relations</h4>
      <dl class="mp-relations">
        {[...groups].map(([label, found]) => (
          <Group key={label} label={label} found={found} select={select} />
        ))}
      </dl>
      {more > 0 ? <p class="mp-quiet">and {more.toLocaleString("en")} more, not listed here</p> : null}
    </section>
  );
}

function Group({ label, found, select }: { label: string; found: Relation[]; select(id: string): void }) {
  const [all, setAll] = useState(false);
  const shown = all ? found : found.slice(0, MOST_LINKS);
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <ul>
          {shown.map(({ id, title, role, kind }, place) => (
            <li key={place} title={kind}>
              <Link id={id} select={select}>
                {title}
              </Link>
              {role ? <small> as {role}</small> : null}
            </li>
          ))}
        </ul>
        {found.length > MOST_LINKS ? <More all={all} set={setAll} what={String(found.length)} /> : null}
      </dd>
    </div>
  );
}
