import type { Chat } from "../../chat";
import { type Child, h } from "../dom";
import { words } from "../more/texts";

/** A page over the conversation: a heading that takes the focus, a way back, and what it is about. */
export function Sheet({ chat, title, children }: { chat: Chat; title: string; children?: Child }): Child {
  return (
    <section class="sheet" aria-labelledby="sheet-title">
      <button type="button" class="link back" onclick={() => chat.show(null)}>
        <Arrow />
        {words.back}
      </button>
      <h2 id="sheet-title" tabindex="-1">
        {title}
      </h2>
      {children}
    </section>
  );
}

function Arrow() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M19 12H5M11.5 5.5 5 12l6.5 6.5" />
    </svg>
  );
}

/** It worked: said on the screen and to whoever listens. */
export function Done({ title, text, chat }: { title: string; text: string; chat: Chat }): Child {
  return (
    <div class="done" role="status">
      <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M5 12.5 10 17.5 19 7" />
      </svg>
      <strong>{title}</strong>
      <p dir="auto">{text}</p>
      <button type="button" class="solid" onclick={() => chat.show(null)}>
        {words.back}
      </button>
    </div>
  );
}
