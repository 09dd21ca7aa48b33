import type { Chat } from "../../chat";
import { type Child, h } from "../dom";
import { Icon } from "../icon";
import { PREPARE_UPLOAD } from "./documents";
import { put } from "./put";
import { words } from "./texts";
import { createTray, type Prepared, type Tray } from "./uploads";
import { size } from "./when";

export interface TrayView {
  readonly uploads: Tray;
  view(): Child;
}

export function createTrayView(chat: Chat, redraw: () => void): TrayView {
  // What a reload cut off is said once, until something else is chosen.
  let lost = (chat.memory.get("files") ?? "").split("\n").filter(Boolean);
  chat.memory.set("files", "");

  const uploads = createTray({
    prepare: async (clientId, name, bytes) => {
      const variables = { clientId, name, size: bytes };
      return (await chat.call<{ prepareUpload: Prepared }>(PREPARE_UPLOAD, variables)).prepareUpload;
    },
    put,
    newId: chat.newId,
    limits: () => chat.state.live.conversation?.files ?? { largestBytes: 0, atMost: 0 },
    changed: redraw,
    remember(names) {
      lost = [];
      chat.memory.set("files", names.map((name) => name.replace(/\n/g, " ")).join("\n"));
    },
  });

  return {
    uploads,
    view() {
      const { all, waiting, tooMany } = uploads;
      if (lost.length > 0) {
        return (
          <div class="tray" role="status" data-testid="lost-files">
            <p dir="auto">{`${words.fromReload} ${lost.join(", ")}`}</p>
            <button
              type="button"
              class="icon-button"
              aria-label={words.dismiss}
              onclick={() => {
                lost = [];
                redraw();
              }}
            >
              <Icon name="close" />
            </button>
          </div>
        );
      }
      if (all.length === 0) return null;
      return (
        <div class="tray">
          <ul aria-label={words.upload}>
            {all.map(({ clientId, file, part, id, problem }) => (
              <li key={clientId} class={problem === null ? "" : "bad"} data-testid="upload">
                <span class="file-name" dir="auto">
                  {file.name}
                </span>
                <small role={problem === null ? null : "alert"}>{problem ?? size(file.size)}</small>
                {id === null && problem === null && (
                  <progress
                    max="100"
                    value={Math.round(part * 100)}
                    aria-label={words.uploading(file.name, Math.round(part * 100))}
                  />
                )}
                {problem !== null && (
                  <button
                    type="button"
                    class="icon-button"
                    aria-label={words.retry(file.name)}
                    onclick={() => uploads.retry(clientId)}
                  >
                    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                      <path d="M20 12a8 8 0 1 1-2.3-5.7M20 3v4.5h-4.5" />
                    </svg>
                  </button>
                )}
                <button
                  type="button"
                  class="icon-button"
                  aria-label={words.remove(file.name)}
                  onclick={() => uploads.remove(clientId)}
                >
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
          {tooMany && <p role="status">{words.tooMany(uploads.most)}</p>}
          {waiting && <p role="status">{words.uploadSending}</p>}
        </div>
      );
    },
  };
}

/** A button that looks like one and is the browser's own choice of files. */
export function Chooser({ uploads }: { uploads: Tray }): Child {
  return (
    <label class="outline chooser">
      <input
        type="file"
        multiple
        class="hidden"
        onchange={(event: Event) => {
          const input = event.target as HTMLInputElement;
          uploads.add([...(input.files ?? [])]);
          input.value = "";
        }}
      />
      <Icon name="attach" />
      {words.add}
    </label>
  );
}
