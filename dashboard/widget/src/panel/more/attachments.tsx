// Files in messages. Addresses are good for some minutes only: what is clicked later, or comes into sight later, is asked
// for a fresh one.

import type { Chat } from "../../chat";
import type { Attachment } from "../../types";
import { type Child, h } from "../dom";
import { Icon } from "../icon";
import { FILE_ADDRESS } from "./documents";
import { words } from "./texts";
import { size } from "./when";

const WIDEST = 240;
const HIGHEST = 200;

export function createAttachments(chat: Chat) {
  /** The address under which a picture came: another one would only load it again. */
  const shown = new Map<string, string>();
  const renewed = new Set<string>();

  const fresh = async (id: string) =>
    (await chat.call<{ file: { url: string } }>(FILE_ADDRESS, { id })).file.url;

  const download = async ({ id, name, url }: Attachment) => {
    const link = document.createElement("a");
    link.href = await fresh(id).catch(() => url);
    link.download = name;
    link.click();
  };
  const open = (one: Attachment) => (event: MouseEvent) => {
    event.preventDefault();
    void download(one);
  };
  /** Once for each picture: one that is gone stays gone. */
  const again = (id: string) => async (event: Event) => {
    if (renewed.has(id)) return;
    renewed.add(id);
    const url = await fresh(id).catch(() => null);
    if (url === null) return;
    shown.set(id, url);
    (event.target as HTMLImageElement).src = url;
  };

  /** Pictures in a box of their final size, so that nothing jumps when they arrive; anything else as a row to download. */
  return (attachments: readonly Attachment[]): Child =>
    attachments.map((one) => {
      const { id, name, width, height } = one;
      if (!width || !height) {
        return (
          <a
            key={id}
            class="bubble file"
            href={one.url}
            download={name}
            data-testid="file"
            onclick={open(one)}
          >
            <Icon name="source" />
            <span>
              <span class="file-name" dir="auto">
                {name}
              </span>
              <small>{`${words.download} · ${size(one.size)}`}</small>
            </span>
          </a>
        );
      }
      const url = shown.get(id) ?? one.url;
      shown.set(id, url);
      const scale = Math.min(1, WIDEST / width, HIGHEST / height);
      return (
        <a
          key={id}
          class="picture"
          href={url}
          download={name}
          title={name}
          data-testid="picture"
          onclick={open(one)}
        >
          <img
            src={url}
            alt={name}
            loading="lazy"
            width={Math.max(1, Math.round(width * scale))}
            height={Math.max(1, Math.round(height * scale))}
            onerror={again(id)}
          />
        </a>
      );
    });
}
