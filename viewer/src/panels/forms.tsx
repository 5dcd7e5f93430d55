/** Values that are more than a line of text: code, changes, tables, matrices. */

import { useState } from "preact/hooks";
import type { Attribute, CodeData, CurvesData, DiffData, LinkData, MatrixData, TableData, Token } from "../types";
import { LongText, Link, More } from "./parts";
import { Curves } from "./plot";

/** The value of an attribute in the form that suits it. */
export function Value({ attribute, select }: { attribute: Attribute; select(id: string): void }) {
  const { form, data, value } = attribute;
  switch (form) {
    case "code":
      return <Code {...(data as CodeData)} />;
    case "diff":
      return <Diff {...(data as DiffData)} />;
    case "table":
      return <Table {...(data as TableData)} />;
    case "matrix":
      return <Matrix {...(data as MatrixData)} />;
    case "curves":
      return <Curves {...(data as CurvesData)} />;
    case "link":
      return (
        <Link id={(data as LinkData).id} select={select}>
          {value}
        </Link>
      );
    default:
      return <LongText text={value} />;
  }
}

const MOST_TOKENS = 1200;

function Code({ tokens }: { tokens: Token[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? tokens : tokens.slice(0, MOST_TOKENS);
  return (
    <>
      <pre class="mp-code" tabIndex={0} aria-label="Code">
        {shown.map(([kind, text], place) =>
          // Pygments' short names; anything else would be no class of ours.
          /^[a-z][a-z0-9]{0,3}$/.test(kind) ? (
            <span key={place} class={`t-${kind.charAt(0)} t-${kind}`}>
              {text}
            </span>
          ) : (
            text
          ),
        )}
      </pre>
      {tokens.length > MOST_TOKENS ? <More all={all} set={setAll} what="the whole code" /> : null}
    </>
  );
}

const SIGNS: Record<string, [string, string, string]> = {
  "+": ["mp-added", "+", "added: "],
  "-": ["mp-removed", "−", "removed: "],
};

function Diff({ lines }: DiffData) {
  return (
    <pre class="mp-code mp-diff" tabIndex={0} aria-label="Changes since the code was generated">
      {lines.map(([sign, text], place) => {
        const [name, mark, words] = SIGNS[sign] ?? ["", " ", ""];
        return (
          <div key={place} class={name}>
            <span aria-hidden="true">{mark}</span>
            {words ? <span class="mp-offscreen">{words}</span> : null}
            {text.replace(/\n$/, "") || " "}
          </div>
        );
      })}
    </pre>
  );
}

const MOST_ROWS = 12;

function Table({ columns, rows }: TableData) {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, MOST_ROWS);
  return (
    <>
      <div class="mp-scroll" tabIndex={0} role="region" aria-label="Table">
        <table class="mp-table">
          <thead>
            <tr>
              {columns.map((name, place) => (
                <th key={place} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, place) => (
              <tr key={place}>
                {row.map((cell, at) => (
                  <td key={at} class={isNumber(cell) ? "mp-number" : ""}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS ? <More all={all} set={setAll} what={`${rows.length} rows`} /> : null}
    </>
  );
}

function Matrix({ labels, rows }: MatrixData) {
  const most = Math.max(1, ...rows.map((row) => Math.max(0, ...row.map(Number))));
  return (
    <div class="mp-scroll" tabIndex={0} role="region" aria-label="Confusion matrix">
      <table class="mp-matrix">
        <thead>
          <tr>
            <td />
            <th scope="colgroup" colSpan={labels.length} class="mp-axis">
              predicted
            </th>
          </tr>
          <tr>
            <th scope="col" class="mp-axis">
              actual
            </th>
            {labels.map((label, place) => (
              <th key={place} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              <th scope="row">{labels[place]}</th>
              {row.map((count, at) => (
                <td
                  key={at}
                  class={at === place ? "mp-right" : ""}
                  style={{ "--mp-share": `${Math.round((Number(count) / most) * 38)}%` }}
                >
                  {count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumber(text: string): boolean {
  return /^[-+]?[\d.,]+(e[-+]?\d+)?\s?%?$/i.test(text);
}
