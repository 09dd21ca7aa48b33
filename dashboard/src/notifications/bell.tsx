import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { useStore } from "../api/store";
import { bellName, countWords } from "../live/notifications";
import { useViewer } from "../shell/scope";
import { BellIcon } from "../ui/icons";
import css from "./bell.module.css";
import { bell } from "./store";
import { useBellStream } from "./use-bell";

const load = () => import("./panel");
const Panel = lazy(load);

/** At the top right of every page (S212). What lies behind it is loaded when somebody reaches for it. */
export function Bell() {
  // Another's notifications are theirs: whoever views as a client neither reads them nor marks them.
  return useViewer().viewingAs ? null : <OwnBell />;
}

function OwnBell() {
  const arrived = useBellStream();
  const { unread } = useStore(bell);
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const close = useCallback((goBack: boolean) => {
    setOpen(false);
    if (goBack) button.current?.focus();
  }, []);

  useEffect(() => {
    if (!open) return;
    const pressed = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) close(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      close(true);
    };
    document.addEventListener("pointerdown", pressed);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", pressed);
      document.removeEventListener("keydown", key);
    };
  }, [open, close]);

  return (
    <section
      className={css.place}
      ref={place}
      aria-label="Notifications"
      onBlur={(event) => {
        // Tabbed past its end: nothing stays open behind somebody's back.
        const next = event.relatedTarget;
        if (open && next instanceof Node && !place.current?.contains(next)) close(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className={css.bell}
        aria-label={bellName(unread)}
        title="Notifications"
        aria-haspopup="dialog"
        aria-expanded={open}
        data-testid="bell"
        onPointerEnter={() => void load()}
        onFocus={() => void load()}
        onClick={() => setOpen(!open)}
      >
        <BellIcon />
        {unread ? (
          <span className={css.count} aria-hidden="true">
            {countWords(unread)}
          </span>
        ) : null}
      </button>
      <span className="hidden-text" role="status">
        {arrived}
      </span>
      {open ? (
        <Suspense fallback={null}>
          <Panel close={close} />
        </Suspense>
      ) : null}
    </section>
  );
}
