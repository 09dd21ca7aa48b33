import { accessToken, renew } from "../api/auth";
import { ApiError, fromRaw } from "../api/errors";

/** Sends the bytes of a picture as they are; the server draws it anew. Throws an ApiError. */
export async function uploadPicture(path: string, file: Blob): Promise<unknown> {
  const send = async () => {
    const token = await accessToken();
    return fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "content-type": file.type || "application/octet-stream",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: file,
    });
  };
  let response: Response;
  try {
    response = await send();
    if (response.status === 401 && (await renew())) response = await send();
  } catch {
    throw new ApiError("The server could not be reached", "NETWORK");
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw refusal(response.status, answer);
}

/** What was refused, told by the answer, or by its status when a proxy in between answered. */
export function refusal(status: number, answer: unknown): ApiError {
  if (typeof answer === "object" && answer !== null && "code" in answer) {
    const { message, ...extensions } = answer as Record<string, unknown>;
    return fromRaw({
      message: typeof message === "string" ? message : "The picture was refused.",
      extensions,
    });
  }
  if (status === 413) return new ApiError("The picture is too large. It may have 2 MB.", "INVALID");
  if (status === 502 || status === 503 || status === 504) return new ApiError("", "UNAVAILABLE");
  return new ApiError("The picture was refused.", status >= 500 ? "INTERNAL" : "INVALID");
}
