import type { RefObject } from "react";
import { useKeys } from "./hooks";

/** j and k move the focus through the rows of a list; Enter then follows the link that has it. */
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  const move = (step: 1 | -1) => (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-row] a[data-row-link]") ?? [])];
    if (links.length === 0) return;
    event.preventDefault();
    const row = document.activeElement?.closest("[data-row]");
    const at = links.findIndex((link) =>
      row ? row.contains(link) : link.getAttribute("aria-current") === "true",
    );
    const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
    links[next]?.focus();
    links[next]?.scrollIntoView({ block: "nearest" });
  };
  useKeys({ j: move(1), k: move(-1) });
}

/** The id of the row that has the focus, if it is one of a list. */
export function focusedRow(): string | null {
  return document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.row ?? null;
}
