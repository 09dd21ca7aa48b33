import type { Chat } from "../chat";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import { texts } from "./texts";

const MAX_LENGTH = 4_000;

export interface Composer {
  view(): Child;
  after(): void;
}

export function createComposer(chat: Chat): Composer {
  let field: HTMLTextAreaElement | null = null;

  /** As high as what is written; the stylesheet sets the limit. */
  const grow = () => {
    if (field === null) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  };

  const send = () => {
    const text = field?.value.trim();
    if (field === null || !text) return;
    chat.send(text);
    field.value = "";
    grow();
    field.focus();
  };

  return {
    view: () => (
      <form
        class="composer"
        onsubmit={(event: Event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          rows="1"
          dir="auto"
          aria-label={texts.message}
          placeholder={texts.placeholder}
          maxlength={MAX_LENGTH}
          enterkeyhint="send"
          oninput={() => {
            grow();
            chat.typing(field?.value !== "");
          }}
          onkeydown={(event: KeyboardEvent) => {
            // Enter that ends the composing of a character (Japanese, Chinese) is not meant for the message.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="send" aria-label={texts.send}>
          <Icon name="send" />
        </button>
      </form>
    ),
    after() {
      field = document.querySelector("textarea");
    },
  };
}
