// Bytes on their way up. XMLHttpRequest, because fetch does not tell how far it has come.

import { Failure, failureOf, failureOfStatus, field } from "../../errors";

export function put(
  url: string,
  file: Blob,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(new Failure("OFFLINE"));
    request.onabort = request.onerror;
    request.onload = () => {
      if (request.status < 300) return resolve();
      reject(told(request.responseText) ?? failureOfStatus(request.status));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function told(text: string): Failure | null {
  try {
    const errors = field(JSON.parse(text), "errors");
    return errors === undefined ? null : failureOf(errors);
  } catch {
    return null;
  }
}
