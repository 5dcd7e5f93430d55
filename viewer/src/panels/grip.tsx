/** The lower edge, which can be dragged or moved with the arrow keys. */

const LEAST = 320;
const STEP = 40;

export function Grip({ root }: { root: { current: HTMLElement | null } }) {
  const frame = (): HTMLElement | null => root.current?.querySelector<HTMLElement>(".mp-frame") ?? null;
  const set = (height: number): void => {
    frame()?.style.setProperty("height", `${Math.max(LEAST, Math.round(height))}px`);
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
      title="Drag to change the height"
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={keys}
    />
  );
}
