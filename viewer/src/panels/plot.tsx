/** A small line plot, such as of the losses over the epochs. */

const WIDTH = 300;
const HEIGHT = 150;
const LEFT = 42;
const BOTTOM = 22;
const TOP = 8;
const RIGHT = 8;
// Lines differ in dashes too, so that colour alone tells nothing.
const DASHES = ["", "5 3", "1.5 3", "8 3 2 3", "3 2"];

interface Props {
  x: number[];
  series: Record<string, (number | null)[]>;
}

export function Curves({ x, series }: Props) {
  const names = Object.keys(series);
  const values = names.flatMap((name) => series[name] ?? []).filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (!values.length || !x.length) return <span class="mp-quiet">nothing to draw</span>;
  if (!Number.isFinite(highest(values) - lowest(values))) return <span class="mp-quiet">too far apart to be drawn</span>;
  const [left, right] = [x[0] ?? 0, x[x.length - 1] ?? 1];
  const ticks = ticksOf(lowest(values), highest(values));
  const [low, high] = [ticks[0] ?? 0, ticks[ticks.length - 1] ?? 1];
  const across = (at: number): number => LEFT + ((at - left) / (right - left || 1)) * (WIDTH - LEFT - RIGHT);
  const up = (at: number): number => HEIGHT - BOTTOM - ((at - low) / (high - low || 1)) * (HEIGHT - BOTTOM - TOP);
  const words = names.map((name) => `${name} from ${said(series[name]?.[0])} to ${said(series[name]?.at(-1))}`).join("; ");
  return (
    <figure class="mp-plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="mp-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={up(tick)} y2={up(tick)} />
            <text x={LEFT - 6} y={up(tick) + 3.5} text-anchor="end">
              {said(tick)}
            </text>
          </g>
        ))}
        <text x={across(left)} y={HEIGHT - 6} text-anchor="start">
          {said(left)}
        </text>
        <text x={across(right)} y={HEIGHT - 6} text-anchor="end">
          {said(right)}
        </text>
        {names.map((name, place) => (
          <path
            key={name}
            class={`mp-curve mp-curve-${place % DASHES.length}`}
            stroke-dasharray={DASHES[place % DASHES.length]}
            d={pathOf(series[name] ?? [], x, across, up)}
          />
        ))}
      </svg>
      <figcaption>
        {names.map((name, place) => (
          <span key={name}>
            <svg viewBox="0 0 24 6" aria-hidden="true">
              <path
                class={`mp-curve mp-curve-${place % DASHES.length}`}
                stroke-dasharray={DASHES[place % DASHES.length]}
                d="M0 3H24"
              />
            </svg>
            {name.replaceAll("_", " ")}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function pathOf(values: (number | null)[], x: number[], across: (at: number) => number, up: (at: number) => number): string {
  let path = "";
  let drawing = false;
  values.forEach((value, place) => {
    const at = x[place];
    if (value === null || at === undefined || !Number.isFinite(value)) drawing = false;
    else {
      path += `${drawing ? "L" : "M"}${across(at).toFixed(1)} ${up(value).toFixed(1)}`;
      // A lone value between gaps is drawn as a dot.
      if (!drawing) path += "h.01";
      drawing = true;
    }
  });
  return path;
}

/** Three to five round numbers around the values. */
function ticksOf(low: number, high: number): number[] {
  if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)));
}

const lowest = (values: number[]): number => values.reduce((a, b) => Math.min(a, b));
const highest = (values: number[]): number => values.reduce((a, b) => Math.max(a, b));

function said(value: number | null | undefined): string {
  if (value === null || value === undefined) return "no value";
  return String(Number(value.toPrecision(4)));
}
