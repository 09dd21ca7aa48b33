import type { Attachment } from "../../types";
import { type Child, h } from "../dom";
import { Icon } from "../icon";
import { words } from "./texts";
import { size } from "./when";

const WIDEST = 240;
const HIGHEST = 200;

/** Pictures in a box of their final size, so that nothing jumps when they arrive; anything else as a row to download. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }): Child {
  return attachments.map((one) => {
    const { id, name, url, width, height } = one;
    if (!width || !height) {
      return (
        <a
          key={id}
          class="bubble file"
          href={url}
          download={name}
          target="_blank"
          rel="noopener"
          data-testid="file"
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
    const scale = Math.min(1, WIDEST / width, HIGHEST / height);
    return (
      <a key={id} class="picture" href={url} target="_blank" rel="noopener" data-testid="picture">
        <img
          src={url}
          alt={name}
          loading="lazy"
          width={Math.max(1, Math.round(width * scale))}
          height={Math.max(1, Math.round(height * scale))}
        />
      </a>
    );
  });
}
