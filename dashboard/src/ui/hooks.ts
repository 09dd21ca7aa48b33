import { useEffect, useRef, useState, useSyncExternalStore } from "react";

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}

/** Calls `run` each `ms` while the tab is visible, and at once when it becomes visible again. */
export function usePolling(run: () => void, ms: number): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const visible = () => document.visibilityState === "visible";
    const timer = setInterval(() => {
      if (visible()) latest.current();
    }, ms);
    const shown = () => {
      if (visible()) latest.current();
    };
    document.addEventListener("visibilitychange", shown);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", shown);
    };
  }, [ms]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=textbox]"))
  );
}

export type Keys = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Single-key shortcuts of a page; silent while somebody types or a dialog is open. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"], [role="menu"]')) return;
      const run = latest.current[event.key];
      if (run) run(event);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

export function useDebounced<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

let title = "";
let toDo = 0;

function drawTitle(): void {
  if (title !== "") document.title = toDo > 0 ? `(${toDo}) ${title}` : title;
}

export function useTitle(words: string): void {
  useEffect(() => {
    title = words;
    drawTitle();
  }, [words]);
}

/** Stands before the title of whatever page is shown: a tab in the background says how much there is to do. */
export function setTitleCount(count: number): void {
  toDo = count;
  drawTitle();
}
