import { ActionIcon } from "@mantine/core";
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { useStore } from "../api/store";
import { useAsk } from "../api/use-ask";
import { ClipIcon, CloseIcon, FileIcon, WarnIcon } from "../ui/icons";
import { type FileOffer, FileOfferQuery } from "./documents";
import css from "./files.module.css";
import { type Attached, uploadsOf } from "./uploads";
import { sizeWords } from "./words";

const UNKNOWN: FileOffer = { enabled: true, largestBytes: Number.MAX_SAFE_INTEGER, atMost: 10 };

/** What a composer needs to take files: what is attached, and what to do when some are chosen, pasted or dropped. */
export function useAttach(conversationId: string) {
  const uploads = uploadsOf(conversationId);
  const attached = useStore(uploads.store);
  const { data } = useAsk(FileOfferQuery, { id: conversationId });
  // Until it is known, files are taken: what somebody pastes in the first moment must not be lost. The server decides.
  const offer = data?.conversation.files ?? UNKNOWN;
  const { enabled } = offer;
  const [over, setOver] = useState(false);
  const add = (files: readonly File[]) => {
    if (enabled && files.length > 0) uploads.add(files, offer);
  };
  return {
    uploads,
    attached,
    enabled,
    add,
    busy: attached.some((one) => one.state === "uploading"),
    ready: attached.some((one) => one.state === "ready"),
    over,
    onPaste(event: ClipboardEvent) {
      const files = [...event.clipboardData.files];
      if (!enabled || files.length === 0) return;
      // A picture that was copied in a browser comes with its address as text; the picture is what is meant.
      event.preventDefault();
      add(files);
    },
    dropping: enabled
      ? {
          onDragOver(event: DragEvent) {
            if (![...event.dataTransfer.types].includes("Files")) return;
            event.preventDefault();
            setOver(true);
          },
          onDragLeave: () => setOver(false),
          onDrop(event: DragEvent) {
            if (event.dataTransfer.files.length === 0) return;
            event.preventDefault();
            setOver(false);
            add([...event.dataTransfer.files]);
          },
        }
      : {},
  };
}

export type Attach = ReturnType<typeof useAttach>;

export function AttachButton({ attach }: { readonly attach: Attach }) {
  const picker = useRef<HTMLInputElement>(null);
  if (!attach.enabled) return null;
  return (
    <>
      <input
        ref={picker}
        type="file"
        multiple
        className="hidden-text"
        aria-label="Files to attach"
        tabIndex={-1}
        onChange={(event) => {
          attach.add([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <ActionIcon
        aria-label="Attach files"
        title="Attach files"
        onClick={() => picker.current?.click()}
        size={32}
      >
        <ClipIcon />
      </ActionIcon>
    </>
  );
}

export function AttachedList({ attach }: { readonly attach: Attach }) {
  if (attach.attached.length === 0) return null;
  return (
    <ul className={css.attached} aria-label="Attached files">
      {attach.attached.map((one) => (
        <AttachedRow
          key={one.key}
          one={one}
          onRetry={() => attach.uploads.retry(one.key)}
          onRemove={() => attach.uploads.remove(one.key)}
        />
      ))}
    </ul>
  );
}

function AttachedRow(props: {
  readonly one: Attached;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}) {
  const { one } = props;
  const picture = one.uploaded?.width ? one.uploaded.url : null;
  return (
    <li className={css.row} data-testid="attached" data-state={one.state}>
      <span className={css.mark}>
        {picture ? (
          <img src={picture} alt="" />
        ) : one.state === "failed" ? (
          <WarnIcon size={18} />
        ) : (
          <FileIcon size={18} />
        )}
      </span>
      <span className={css.what}>
        <span className={css.name} title={one.name}>
          {one.name}
        </span>
        {one.error ? (
          <span className={css.problem} role="alert">
            {one.error}
          </span>
        ) : (
          <span className={css.size}>
            {one.state === "uploading" ? `${Math.round(one.share * 100)} % of ` : ""}
            {sizeWords(one.size)}
          </span>
        )}
        {one.state === "uploading" ? (
          <progress
            className={css.progress}
            value={one.share}
            max={1}
            aria-label={`Uploading: ${one.name}`}
          />
        ) : null}
      </span>
      {one.state === "failed" && one.again ? (
        <button type="button" className={css.retry} onClick={props.onRetry} aria-label={`Retry: ${one.name}`}>
          Retry
        </button>
      ) : null}
      <ActionIcon
        variant="subtle"
        color="gray"
        size={26}
        aria-label={`${one.state === "uploading" ? "Cancel" : "Remove"}: ${one.name}`}
        onClick={props.onRemove}
      >
        <CloseIcon size={14} />
      </ActionIcon>
    </li>
  );
}
