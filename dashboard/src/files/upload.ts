import { change } from "../api/client";
import { ApiError } from "../api/errors";
import { PrepareUploadMutation } from "./documents";

/** A file that the server has, ready to be sent. */
export interface Uploaded {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly width: number | null;
  readonly url: string;
}

interface Wish {
  readonly conversationId: string;
  /** The same again on a retry: what was announced once is not announced twice. */
  readonly clientId: string;
  readonly file: File;
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** Announces a file, then sends its bytes. `fetch` does not tell how much of it has gone; the older call does. */
export async function upload(wish: Wish): Promise<Uploaded> {
  const { conversationId, clientId, file, signal } = wish;
  const { prepareUpload } = await change(PrepareUploadMutation, {
    clientId,
    id: conversationId,
    name: file.name || "file",
    size: file.size,
  });
  if (signal.aborted) throw new ApiError("Cancelled", "NETWORK");
  return put(prepareUpload.url, wish);
}

/** Without news for so long nothing more will come. */
const SILENCE_MS = 60_000;

function put(url: string, { file, onProgress, signal }: Wish): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const unreachable = () => reject(new ApiError("The server could not be reached", "NETWORK"));
    request.open("PUT", url);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      heard();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      try {
        resolve(judge(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = unreachable;
    request.onabort = unreachable;
    request.onloadend = () => clearTimeout(silence);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    heard();
    request.send(file);
  });
}

function judge(status: number, text: string): Uploaded {
  let told: Record<string, unknown> = {};
  try {
    told = JSON.parse(text);
  } catch {
    // A proxy's own page: there is nothing in it for a person.
  }
  if (status >= 200 && status < 300) return told as unknown as Uploaded;
  const message = typeof told.message === "string" ? told.message : "The file was not taken.";
  const code = status >= 500 ? "UNAVAILABLE" : status === 404 ? "NOT_FOUND" : "INVALID";
  throw new ApiError(message, code, { reason: told.reason });
}
