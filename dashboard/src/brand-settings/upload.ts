import { accessToken, renew } from "../api/auth";
import { ApiError } from "../api/errors";
import type { ImageKind } from "./documents";

/** What the server takes; more is refused here already, before it is sent. */
export const MOST_BYTES = 2 * 1024 * 1024;

/** Null when a file may be tried, or why not. The server looks at the bytes and decides. */
export function refusedFile(file: { readonly size: number; readonly type: string }): string | null {
  if (file.size === 0) return "This file is empty.";
  if (file.size > MOST_BYTES) {
    const size = (file.size / 1024 / 1024).toFixed(1);
    return `This file has ${size} MB; at most 2 MB are taken. Make it smaller first.`;
  }
  if (file.type !== "" && !file.type.startsWith("image/"))
    return "This is not an image. Take PNG, JPEG, WebP, GIF or SVG.";
  return null;
}

/** Sends a picture as it is. `fetch` does not tell how much of it has gone; the older call does. */
export async function uploadImage(
  kind: ImageKind,
  file: File,
  onProgress: (share: number) => void,
): Promise<void> {
  const answer = await send(kind, file, onProgress);
  if (answer.status !== 401) return judge(answer);
  if (!(await renew())) throw new ApiError("Your session has ended. Sign in to go on.", "UNAUTHENTICATED");
  judge(await send(kind, file, onProgress));
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(kind: ImageKind, file: File, onProgress: (share: number) => void): Promise<Answer> {
  const token = await accessToken();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/brand/images/${kind.toLowerCase()}`);
    if (token) request.setRequestHeader("authorization", `Bearer ${token}`);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(new ApiError("The server could not be reached", "NETWORK"));
    request.ontimeout = request.onerror;
    request.timeout = 60_000;
    request.send(file);
  });
}

function judge({ status, text }: Answer): void {
  if (status >= 200 && status < 300) return;
  let told: { code?: unknown; reason?: unknown; message?: unknown } = {};
  try {
    told = JSON.parse(text);
  } catch {
    // A proxy's own page: there is nothing in it for a person.
  }
  const message = typeof told.message === "string" ? told.message : "The image was not taken.";
  const code = status === 403 ? "FORBIDDEN" : status >= 500 ? "UNAVAILABLE" : "INVALID";
  throw new ApiError(message, code, { reason: told.reason });
}
