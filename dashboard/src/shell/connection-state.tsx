import { useEffect, useState } from "react";
import { connection, reconnectNow } from "../api/socket";
import { useStore } from "../api/store";
import css from "./menus.module.css";

const words = {
  idle: { label: "Connected", help: "This page shows the state of the last look." },
  live: { label: "Live", help: "Everything arrives as it happens." },
  reconnecting: {
    label: "Reconnecting…",
    help: "The connection was lost. It is being made again; nothing gets lost.",
  },
  unable: {
    label: "Not live",
    help: "This browser cannot keep a live connection: reload to see what is new.",
  },
  offline: { label: "Offline", help: "This device has no network. What you write is kept." },
} as const;

/** Whether what one sees is live. It heals on its own; a click only spares the wait. */
export function ConnectionState() {
  const state = useStore(connection);
  // A first connection that takes a moment is no trouble and must not look like one.
  const [shown, show] = useState(state);
  useEffect(() => {
    if (state === "live" || state === "idle") {
      show(state);
      return;
    }
    const timer = setTimeout(() => show(state), 1_200);
    return () => clearTimeout(timer);
  }, [state]);
  const { label, help } = words[shown];
  return (
    <button
      title={help}
      type="button"
      className={css.connection}
      data-state={shown}
      onClick={reconnectNow}
      aria-label={label}
    >
      <span className={css.dot} aria-hidden="true" />
      <span className={css.label} role="status">
        {label}
      </span>
    </button>
  );
}
