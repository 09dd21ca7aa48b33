import type { Chat } from "../chat";
import type { State } from "../store";
import { type Child, h } from "./dom";
import { Icon } from "./icon";
import type { MoreLoader } from "./more";
import { texts } from "./texts";

const MAX_LENGTH = 4_000;

export interface Composer {
  view(state: State): Child;
  after(): void;
  attach(files: FileList | null | undefined): void;
}

export function createComposer(chat: Chat, more: MoreLoader): Composer {
  let field: HTMLTextAreaElement | null = null;

  /** As high as what is written; the stylesheet sets the limit. */
  const grow = () => {
    if (field === null) return;
    field.style.blockSize = "auto";
    field.style.blockSize = `${field.scrollHeight}px`;
  };

  const blocked = ({ config, live }: State) =>
    live.conversation?.state === "REQUESTED" && config.handoff.blockInput === true;

  const send = () => {
    if (field === null || blocked(chat.state)) return;
    const uploads = more.now?.uploads;
    // What is chosen belongs to the message: it leaves when all of it has arrived.
    if (uploads?.busy) return uploads.whenDone(send);
    const text = field.value.trim();
    const files = uploads?.take() ?? [];
    if (!text && files.length === 0) return;
    chat.send(text, files);
    field.value = "";
    grow();
    field.focus();
  };

  const attach = (files: FileList | null | undefined) => {
    // Copied: the list of an input is emptied together with it.
    const chosen = [...(files ?? [])];
    if (chosen.length > 0 && chat.state.live.conversation?.files?.enabled)
      void more.load().then((all) => all?.uploads.add(chosen));
  };

  return {
    attach,
    view: (state) => (
      <form
        class={blocked(state) ? "composer blocked" : "composer"}
        onsubmit={(event: Event) => {
          event.preventDefault();
          send();
        }}
      >
        {more.now?.tray(state)}
        {state.live.conversation?.files?.enabled && (
          <label class="icon-button attach" title={texts.attach}>
            <input
              type="file"
              multiple
              class="hidden"
              aria-label={texts.attach}
              disabled={blocked(state)}
              onchange={(event: Event) => {
                const input = event.target as HTMLInputElement;
                attach(input.files);
                input.value = "";
              }}
            />
            <Icon name="attach" />
          </label>
        )}
        <textarea
          rows="1"
          dir="auto"
          aria-label={texts.message}
          placeholder={blocked(state) ? texts.blocked : texts.placeholder}
          disabled={blocked(state)}
          maxlength={MAX_LENGTH}
          enterkeyhint="send"
          oninput={() => {
            grow();
            chat.typing(field?.value !== "");
          }}
          onpaste={(event: ClipboardEvent) => {
            const files = event.clipboardData?.files;
            // Copied text of some programs brings a picture of itself along: then the text is meant.
            if (!files?.length || event.clipboardData?.types.includes("text/plain")) return;
            event.preventDefault();
            attach(files);
          }}
          onkeydown={(event: KeyboardEvent) => {
            // Enter that ends the composing of a character (Japanese, Chinese) is not meant for the message.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="send" aria-label={texts.send} disabled={blocked(state)}>
          <Icon name="send" />
        </button>
      </form>
    ),
    after() {
      field = document.querySelector(".composer textarea");
    },
  };
}
