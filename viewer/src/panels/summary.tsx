/** What the document is about, in one strip. */

import type { Summary as Content } from "../types";
import { Icon } from "./icons";

export function Summary({ summary }: { summary: Content }) {
  const { title, facts, failed, note } = summary;
  return (
    <header class={failed ? "mp-summary mp-failed" : "mp-summary"}>
      <h2 class="mp-title" title={title}>
        {title}
      </h2>
      <dl class="mp-facts">
        {facts.map(([label, value], place) => (
          <div key={place} title={value}>
            <dt>{label}</dt>
            <dd>
              {failed && place === 0 ? <Icon name="failed" /> : null}
              {value}
            </dd>
          </div>
        ))}
      </dl>
      {note ? <p class="mp-note">{note}</p> : null}
    </header>
  );
}
