import type { Chat } from "../../chat";
import type { Sheet, State } from "../../store";
import { type Child, h } from "../dom";
import { FORGET_ME } from "./documents";
import { words } from "./texts";

/** Behind the three dots: what is wanted seldom. Opening, closing and the keyboard are the browser's (`details`). */
export function Menu({ chat, state }: { chat: Chat; state: State }): Child {
  const { config, live } = state;
  const item = (sheet: Sheet, label: string) => (
    <button
      type="button"
      onclick={(event: Event) => {
        (event.currentTarget as HTMLElement).closest("details")?.removeAttribute("open");
        chat.show(sheet);
      }}
    >
      {label}
    </button>
  );
  const items = [
    config.handoff.offlineForm && item("query", words.query),
    live.conversation?.canEmailTranscript && item("transcript", words.askTranscript),
    FORGET_ME.includes("forgetMe") && item("forget", words.forget),
  ];
  if (!items.some(Boolean)) return null;
  return (
    <details
      class="menu"
      onfocusout={(event: FocusEvent) => {
        const menu = event.currentTarget as HTMLElement;
        if (!menu.contains(event.relatedTarget as Node | null)) menu.removeAttribute("open");
      }}
      onkeydown={(event: KeyboardEvent) => {
        const menu = event.currentTarget as HTMLElement;
        if (event.key !== "Escape" || !menu.hasAttribute("open")) return;
        // Closes the menu, not the panel.
        event.stopPropagation();
        menu.removeAttribute("open");
        menu.querySelector("summary")?.focus();
      }}
    >
      <summary class="icon-button" aria-label={words.menu}>
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 5v.01M12 12v.01M12 19v.01" />
        </svg>
      </summary>
      <div class="items">{items}</div>
    </details>
  );
}
