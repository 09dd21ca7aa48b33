import { Modal } from "@mantine/core";
import { useState } from "react";
import { ask } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { DownloadIcon, FileIcon } from "../ui/icons";
import { toast } from "../ui/toast";
import { type Attachment, FileQuery } from "./documents";
import css from "./files.module.css";
import { sizeWords } from "./words";

/** An address is good for a few minutes only, and somebody may look at a chat for hours. */
async function freshUrl(id: string): Promise<string> {
  return (await ask(FileQuery, { id })).file.url;
}

async function download(file: Attachment): Promise<void> {
  try {
    const link = document.createElement("a");
    link.href = await freshUrl(file.id);
    link.download = file.name;
    link.rel = "noopener";
    link.click();
  } catch (thrown) {
    toast(sentence(toApiError(thrown)), { action: { label: "Try again", run: () => void download(file) } });
  }
}

/** The files of a message: pictures to look at, everything else to download. */
export function Attachments({ files }: { readonly files: readonly Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul className={css.files} aria-label="Files">
      {files.map((file) => (
        <li key={file.id} data-testid="attachment" data-picture={file.width !== null || undefined}>
          {file.width !== null && file.height !== null ? (
            <Picture file={file} width={file.width} height={file.height} />
          ) : (
            <button type="button" className={css.file} onClick={() => void download(file)}>
              <FileIcon size={20} />
              <span className={css.what}>
                <span className={css.name} title={file.name}>
                  {file.name}
                </span>
                <span className={css.size}>{sizeWords(file.size)}</span>
              </span>
              <DownloadIcon size={18} />
              <span className="hidden-text">Download</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The longest side of a thumbnail. */
const THUMB = 240;

function Picture(props: { readonly file: Attachment; readonly width: number; readonly height: number }) {
  const { file, width, height } = props;
  const [url, setUrl] = useState(file.url);
  const [large, setLarge] = useState(false);
  const scale = Math.min(1, THUMB / Math.max(width, height));
  const renew = () => {
    // Once: what fails with a fresh address is gone.
    if (url !== file.url) return;
    freshUrl(file.id).then(setUrl, () => undefined);
  };
  const open = () => {
    setLarge(true);
    freshUrl(file.id).then(setUrl, () => undefined);
  };
  return (
    <>
      <button type="button" className={css.picture} onClick={open} aria-label={`Open ${file.name}`}>
        <img
          src={url}
          alt={file.name}
          width={Math.max(24, Math.round(width * scale))}
          height={Math.max(24, Math.round(height * scale))}
          loading="lazy"
          onError={renew}
        />
      </button>
      <Modal opened={large} onClose={() => setLarge(false)} title={file.name} size="auto" centered>
        <div className={css.large}>
          <img src={url} alt={file.name} width={width} height={height} />
        </div>
        <p className={css.largeFoot}>
          <span className={css.size}>
            {width} × {height} · {sizeWords(file.size)}
          </span>
          <button type="button" className={css.retry} onClick={() => void download(file)}>
            Download
          </button>
        </p>
      </Modal>
    </>
  );
}
