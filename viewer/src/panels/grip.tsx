/** The lower edge, which can be dragged or moved with the arrow keys. */

import { useEffect, useState } from "preact/hooks";

const LEAST = 320;
const STEP = 40;

export function Grip({ root }: { root: { current: HTMLElement | null } }) {
  const frame = (): HTMLElement | null => root.current?.querySelector<HTMLElement>(".mp-frame") ?? null;
  const [height, setHeight] = useState(LEAST);
  useEffect(() => setHeight(frame()?.offsetHeight ?? LEAST), []);
  const set = (wanted: number): void => {
    const rounded = Math.max(LEAST, Math.round(wanted));
    frame()?.style.setProperty("height", `${rounded}px`);
    setHeight(rounded);
  };
  const drag = (down: PointerEvent): void => {
    const start = frame()?.offsetHeight ?? 0;
    const grip = down.currentTarget as HTMLElement;
    grip.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent): void => set(start + event.clientY - down.clientY);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", () => grip.removeEventListener("pointermove", move), { once: true });
    down.preventDefault();
  };
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowDown: STEP, ArrowUp: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set((frame()?.offsetHeight ?? 0) + by);
  };
  return (
    <div
      class="mp-grip"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the viewer"
      aria-valuemin={LEAST}
      aria-valuenow={height}
      title="Drag to change the height"
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={keys}
    />
  );
}
