/** Search as you type: the box, and the list that Enter walks through. */

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Match, SearchResults } from "../types";
import { Icon } from "./icons";

/** What is typed while Python has not yet answered waits for the answer, or for this long. */
const PAUSE = 250;
const LONGEST = 200;

export interface Search {
  text: string;
  /** Place in the list that ↓ and ↑ move, and the one last selected from it; -1 for none. */
  active: number;
  chosen: number;
  /** What is listed; null while nothing is searched for, or no answer has come. */
  results: SearchResults | null;
  type(text: string): void;
  choose(place: number): void;
  clear(): void;
  keys(event: KeyboardEvent): void;
}

/** The state of the search; `query` and `results` are the traits. */
export function useSearch(
  query: string,
  results: SearchResults,
  act: { query(text: string): void; select(id: string): void; leave(): void },
): Search {
  const [text, setText] = useState(query);
  const [active, setActive] = useState(-1);
  const [chosen, setChosen] = useState(-1);
  const timer = useRef(0);
  const sent = useRef(query);
  // Enter may come before the answer: it is then for the first match of what was typed.
  const hasty = useRef(false);
  const waiting = useRef("");
  const current = text.trim() !== "" && results.query.trim() === text.trim() ? results : null;

  const send = (value: string): void => {
    window.clearTimeout(timer.current);
    waiting.current = "";
    sent.current = value.trim();
    act.query(sent.current);
  };
  const type = (value: string): void => {
    setText(value);
    setActive(-1);
    setChosen(-1);
    hasty.current = false;
    window.clearTimeout(timer.current);
    // At once, but one question at a time: a slow kernel is not asked for every letter.
    if (results.query.trim() === sent.current) send(value);
    else {
      waiting.current = value;
      timer.current = window.setTimeout(() => send(value), PAUSE);
    }
  };
  const choose = (place: number): void => {
    const match = current?.items[place];
    if (!match) return;
    setActive(place);
    setChosen(place);
    act.select(match.id);
  };
  const clear = (): void => {
    type("");
    send("");
  };

  // Python may search too. Seen before the next letter is typed: what is typed then is newer.
  useLayoutEffect(() => {
    if (query === sent.current) return;
    sent.current = query;
    setText(query);
    setActive(-1);
    setChosen(-1);
  }, [query]);
  useEffect(() => {
    if (waiting.current && results.query.trim() === sent.current) send(waiting.current);
  }, [results]);
  useEffect(() => {
    if (!hasty.current || !current) return;
    hasty.current = false;
    choose(0);
  }, [current]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const keys = (event: KeyboardEvent): void => {
    const count = current?.items.length ?? 0;
    const step = (from: number, by: number): number => (from < 0 && by < 0 ? count - 1 : (from + by + count) % count);
    if (event.key === "ArrowDown" && count) setActive(step(active, 1));
    else if (event.key === "ArrowUp" && count) setActive(step(active, -1));
    else if (event.key === "Enter") {
      if (!current) {
        hasty.current = text.trim() !== "";
        send(text);
      } else if (count) choose(active >= 0 && active !== chosen ? active : step(chosen, event.shiftKey ? -1 : 1));
    } else if (event.key === "Escape") {
      if (text) clear();
      else act.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { text, active, chosen, results: current, type, choose, clear, keys };
}

export function SearchBox({ search, id, box }: { search: Search; id: string; box: RefObject<HTMLInputElement | null> }) {
  const { text, active, results } = search;
  return (
    <div class="mp-search">
      <Icon name="search" />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label="Search names, values, types and code"
        aria-expanded={results !== null}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={results && active >= 0 ? `${id}-${active}` : undefined}
        placeholder="Search names, values, code"
        autocomplete="off"
        spellcheck={false}
        maxLength={LONGEST}
        value={text}
        onInput={(event) => search.type(event.currentTarget.value)}
        onKeyDown={search.keys}
      />
      {text ? (
        <button type="button" class="mp-clear" aria-label="Clear the search" onClick={search.clear}>
          <Icon name="close" />
        </button>
      ) : (
        <kbd aria-hidden="true">/</kbd>
      )}
    </div>
  );
}

/** "3 of 12", or what else there is to say of the list. */
export function countOf({ results, chosen }: Search): string {
  if (!results) return "";
  const { total, items } = results;
  if (!total) return "No match";
  if (chosen >= 0) return `${chosen + 1} of ${total}`;
  const matches = total === 1 ? "1 match" : `${total.toLocaleString("en")} matches`;
  return items.length < total ? `${matches}, the best ${items.length} listed` : matches;
}

export function ResultList({ search, id }: { search: Search; id: string }) {
  const { results, active, chosen, choose } = search;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);
  if (!results) return null;
  return (
    <section class="mp-results" aria-label="Search results">
      <div class="mp-results-head">
        <strong>{countOf(search)}</strong>
        {results.total > 1 ? <span>Enter for the next</span> : null}
      </div>
      {results.total === 0 ? (
        <p class="mp-empty">Nothing has “{results.query}” in its name, value, type or code.</p>
      ) : null}
      <div class="mp-list" role="listbox" id={`${id}-list`} aria-label="Matches" ref={list}>
        {results.items.map((match, place) => (
          <div
            key={`${place} ${match.id}`}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === chosen}
            data-active={place === active}
            class="mp-match"
            onClick={() => choose(place)}
          >
            <Line match={match} />
          </div>
        ))}
      </div>
    </section>
  );
}

function Line({ match }: { match: Match }) {
  const { title, where, what, snippet, answer } = match;
  const hit = <Hit snippet={snippet} />;
  const named = snippet.join("") === title;
  return (
    <>
      <div class="mp-match-title">{named ? hit : title}</div>
      {answer ? <div class="mp-match-answer">{answer}</div> : null}
      {named ? null : <div class="mp-match-snippet">{hit}</div>}
      <div class="mp-match-where">{[where.join(" › "), what].filter(Boolean).join(" · ")}</div>
    </>
  );
}

function Hit({ snippet: [before, match, after] }: { snippet: Match["snippet"] }) {
  return (
    <>
      {before}
      {match ? <mark>{match}</mark> : null}
      {after}
    </>
  );
}
