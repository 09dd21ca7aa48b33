import { newClientId } from "../api/client-id";
import { sentence, toApiError } from "../api/errors";
import { createStore, type Store } from "../api/store";
import type { FileOffer } from "./documents";
import { type Uploaded, upload } from "./upload";
import { refusal } from "./words";

/** A file that was attached to what is being written. */
export interface Attached {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly state: "uploading" | "ready" | "failed";
  /** How much of it has gone, from 0 to 1. */
  readonly share: number;
  readonly error: string | null;
  /** Whether trying again may help. */
  readonly again: boolean;
  readonly uploaded: Uploaded | null;
}

interface Work {
  readonly file: File;
  clientId: string;
  abort: AbortController;
}

/** The files that were attached in one conversation. They live as long as the page: leaving the chat loses none. */
export class Uploads {
  readonly store: Store<readonly Attached[]> = createStore<readonly Attached[]>([]);
  private readonly work = new Map<string, Work>();

  constructor(private readonly conversationId: string) {}

  private patch(key: string, patch: Partial<Attached>): void {
    this.store.update((all) => all.map((one) => (one.key === key ? { ...one, ...patch } : one)));
  }

  add(files: readonly File[], offer: FileOffer): void {
    for (const file of files) {
      const full = this.store.get().length >= offer.atMost;
      const problem = full
        ? `At most ${offer.atMost} files go into one message.`
        : refusal(file.size, offer.largestBytes);
      const key = newClientId();
      const attached: Attached = {
        key,
        name: file.name || "file",
        size: file.size,
        state: problem ? "failed" : "uploading",
        share: 0,
        error: problem,
        again: false,
        uploaded: null,
      };
      this.store.update((all) => [...all, attached]);
      if (problem) continue;
      this.work.set(key, { file, clientId: key, abort: new AbortController() });
      void this.run(key);
    }
  }

  private async run(key: string): Promise<void> {
    const work = this.work.get(key);
    if (!work) return;
    const { signal } = work.abort;
    try {
      const uploaded = await upload({
        conversationId: this.conversationId,
        clientId: work.clientId,
        file: work.file,
        onProgress: (share) => this.patch(key, { share }),
        signal,
      });
      this.patch(key, { state: "ready", share: 1, uploaded, name: uploaded.name, size: uploaded.size });
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toApiError(thrown);
      // What was announced under the old id may have been given up by the server: a new attempt is a new file.
      if (error.code === "INVALID" || error.code === "CONFLICT" || error.code === "NOT_FOUND")
        work.clientId = newClientId();
      const lasting = ["TYPE_REFUSED", "NOT_WHAT_IT_SAYS", "NOT_AN_IMAGE", "TOO_LARGE", "FILES_OFF"];
      const again = error.reason === null || !lasting.includes(error.reason);
      this.patch(key, { state: "failed", error: sentence(error), again });
    }
  }

  retry(key: string): void {
    const work = this.work.get(key);
    if (!work) return;
    work.abort = new AbortController();
    this.patch(key, { state: "uploading", share: 0, error: null });
    void this.run(key);
  }

  /** Takes one away; one that is on its way is stopped. The server gives up what nobody sends. */
  remove(key: string): void {
    this.work.get(key)?.abort.abort();
    this.work.delete(key);
    this.store.update((all) => all.filter((one) => one.key !== key));
  }

  /** Those that are ready go with a message; what failed stays, so that somebody can see it. */
  take(): readonly Uploaded[] {
    const ready = this.store.get().filter((one) => one.state === "ready");
    for (const one of ready) this.work.delete(one.key);
    this.store.update((all) => all.filter((one) => one.state !== "ready"));
    return ready.flatMap((one) => (one.uploaded ? [one.uploaded] : []));
  }

  forget(): void {
    for (const one of this.store.get()) this.remove(one.key);
  }
}

const held = new Map<string, Uploads>();

export function uploadsOf(conversationId: string): Uploads {
  let known = held.get(conversationId);
  if (!known) {
    known = new Uploads(conversationId);
    held.set(conversationId, known);
  }
  return known;
}

/** Nothing that one person attached may be sent by the next at this browser. */
export function forgetUploads(): void {
  for (const uploads of held.values()) uploads.forget();
  held.clear();
}
