import { ask, change } from "../api/client";
import { newClientId } from "../api/client-id";
import { ApiError, sentence, toApiError } from "../api/errors";
import { type Follower, pauseUntilLive } from "../api/socket";
import { createStore, type Store } from "../api/store";
import { emptyThread, nextExpiry, reduceThread } from "../live/live";
import type { Outgoing, OutgoingFile, Thread, ThreadAction } from "../live/types";
import { dropFromInbox, putInInbox } from "../live-chats/inbox-store";
import { type Conversation, type Message, OlderMessagesQuery, SendMutation } from "./documents";
import { followThread, readThread } from "./reading";
import { createSender, type Sender } from "./sender";
import { forgetUnsent, keepUnsent, readUnsent, unsentIn } from "./unsent";

/** A call that got no answer for so long will get none; repeating it is harmless. */
const ANSWER_WITHIN_MS = 20_000;

export interface ThreadView {
  readonly thread: Thread<Conversation, Message>;
  readonly status: "loading" | "ready" | "failed";
  readonly error: ApiError | null;
  /** It was shown, and is out of reach since. */
  readonly lost: boolean;
  readonly loadingOlder: boolean;
}

const outOfReach = ({ code }: ApiError) => code === "FORBIDDEN" || code === "NOT_FOUND";

/** Ties the pure thread to the network: reads, follows, resumes, sends. One per conversation, kept while signed in. */
export class ThreadController {
  readonly store: Store<ThreadView>;
  readonly id: string;
  private follower: Follower | null = null;
  private users = 0;
  private expiry: ReturnType<typeof setTimeout> | undefined;
  private loading: Promise<void> | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly sender: Sender;
  private forgotten = false;
  /** The stream was refused, and has told nothing since. */
  private refused = false;

  constructor(id: string) {
    this.id = id;
    this.store = createStore<ThreadView>({
      thread: { ...emptyThread(), outbox: readUnsent(id) },
      status: "loading",
      error: null,
      lost: false,
      loadingOlder: false,
    });
    this.sender = createSender({
      outbox: () => this.thread.outbox,
      post: (outgoing) => this.post(outgoing),
      delayed: () => this.dispatch({ type: "sendDelayed" }),
      refused: (clientId, error) =>
        this.dispatch({ type: "sendFailed", clientId, error: sentence(toApiError(error)) }),
      pause: pauseUntilLive,
    });
    // What was left over when the page was reloaded.
    this.sender.flush();
  }

  get thread(): Thread<Conversation, Message> {
    return this.store.get().thread;
  }

  private dispatch(action: ThreadAction<Conversation, Message>): void {
    const view = this.store.get();
    const thread = reduceThread(view.thread, action);
    if (thread === view.thread) return;
    this.store.set({ ...view, thread });
    if (thread.outbox !== view.thread.outbox && !this.forgotten) keepUnsent(this.id, thread.outbox);
    if (thread.conversation && thread.conversation !== view.thread.conversation)
      putInInbox(thread.conversation);
    clearTimeout(this.expiry);
    const due = nextExpiry(thread);
    if (due !== null) {
      this.expiry = setTimeout(
        () => this.dispatch({ type: "expire", at: Date.now() }),
        Math.max(0, due - Date.now()) + 20,
      );
    }
  }

  /** Begin to follow; the returned function ends it. Several views of one conversation share the stream. */
  open(): () => void {
    this.users += 1;
    if (this.users === 1) void this.load();
    return () => {
      this.users -= 1;
      if (this.users > 0) return;
      this.follower?.stop();
      this.follower = null;
      clearTimeout(this.retryTimer);
    };
  }

  load(): Promise<void> {
    this.loading ??= this.read().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  private async query() {
    try {
      return await readThread(this.id, true);
    } catch (error) {
      // A chat that somebody else holds is shown without its content, which has to be left out of the question.
      if (toApiError(error).reason !== "CLAIMED_BY_OTHER") throw error;
      return readThread(this.id, false);
    }
  }

  private async read(): Promise<void> {
    clearTimeout(this.retryTimer);
    try {
      const { cursor, messages, ...rest } = await this.query();
      this.dispatch({
        type: "loaded",
        conversation: rest,
        cursor,
        messages: messages?.nodes ?? [],
        hasOlder: messages?.pageInfo.hasPreviousPage ?? false,
        olderCursor: messages?.pageInfo.startCursor ?? null,
      });
      this.store.update((view) => ({ ...view, status: "ready", error: null, lost: false }));
      if (this.users > 0) this.startFollowing();
    } catch (thrown) {
      const error = toApiError(thrown);
      const { thread, lost } = this.store.get();
      if (outOfReach(error)) {
        // What one may not see any more goes from the screen; what one wrote and could not send does not.
        this.follower?.stop();
        this.follower = null;
        dropFromInbox(this.id);
        this.store.set({
          thread: { ...emptyThread(), outbox: thread.outbox },
          status: "failed",
          error,
          lost: lost || thread.conversation !== null,
          loadingOlder: false,
        });
        return;
      }
      this.store.update((view) => ({
        ...view,
        status: view.thread.conversation ? "ready" : "failed",
        error,
      }));
      if (error.retryable && this.users > 0) this.retryTimer = setTimeout(() => void this.load(), 3_000);
    }
  }

  private startFollowing(): void {
    if (this.follower) {
      this.follower.restart();
      return;
    }
    this.follower = followThread({
      variables: () => ({ id: this.id, after: this.thread.cursor }),
      onEvent: (event) => {
        this.refused = false;
        const visible = this.thread.conversation?.contentVisible;
        this.dispatch({ type: "event", event, at: Date.now() });
        if (this.thread.resync !== null) void this.load();
        // The content became ours to see (a release, a take-over): it was not sent while it was hidden.
        else if (visible === false && this.thread.conversation?.contentVisible) void this.load();
      },
      onRefused: (error) => {
        if (outOfReach(error)) {
          // Either it was claimed by somebody else, which reading again will show as a stub, or it is out of reach.
          this.follower?.stop();
          this.follower = null;
          // At once the first time, that nobody looks at what is not theirs any more; the stream and the question may disagree for long.
          const pause = this.refused || error.code !== "NOT_FOUND" ? 5_000 : 0;
          this.refused = true;
          if (this.users > 0) this.retryTimer = setTimeout(() => void this.load(), pause);
          return false;
        }
        return true;
      },
    });
  }

  /** What a mutation answered, or the inbox told: the stream may bring the same again, or be behind it. */
  changed(conversation: Conversation): void {
    const visible = this.thread.conversation?.contentVisible;
    this.dispatch({ type: "changed", conversation });
    if (visible === false && conversation.contentVisible) void this.load();
  }

  async loadOlder(): Promise<void> {
    const { thread, loadingOlder } = this.store.get();
    if (loadingOlder || !thread.hasOlder || thread.olderCursor === null) return;
    this.store.update((view) => ({ ...view, loadingOlder: true }));
    try {
      const { conversation } = await ask(OlderMessagesQuery, { id: this.id, before: thread.olderCursor });
      this.dispatch({
        type: "olderLoaded",
        messages: conversation.messages.nodes,
        hasOlder: conversation.messages.pageInfo.hasPreviousPage,
        olderCursor: conversation.messages.pageInfo.startCursor,
      });
    } catch {
      // Scrolling up again asks again.
    } finally {
      this.store.update((view) => ({ ...view, loadingOlder: false }));
    }
  }

  send(text: string, uploaded: readonly OutgoingFile[] = []): void {
    const clientId = newClientId();
    const files = uploaded.map(({ id, name }) => ({ id, name }));
    this.dispatch({ type: "send", clientId, text, createdAt: new Date().toISOString(), files });
    this.sender.flush();
  }

  /** The same client id again: had the first attempt reached the server, this one changes nothing there. */
  retry(clientId: string): void {
    this.dispatch({ type: "retry", clientId });
    this.sender.flush();
  }

  discard(clientId: string): void {
    this.dispatch({ type: "discard", clientId });
  }

  /** The session ended: nothing more is sent, and nothing kept, in whoever's name comes next. */
  forget(): void {
    this.forgotten = true;
    this.sender.stop();
  }

  private async post({ clientId, text, files }: Outgoing): Promise<void> {
    let late: ReturnType<typeof setTimeout> | undefined;
    const silence = new Promise<never>((_, reject) => {
      late = setTimeout(
        () => reject(new ApiError("The server does not answer", "NETWORK")),
        ANSWER_WITHIN_MS,
      );
    });
    try {
      const fileIds = files?.map((file) => file.id) ?? [];
      const call = change(SendMutation, { clientId, id: this.id, text, fileIds });
      const { sendMessage } = await Promise.race([call, silence]);
      this.dispatch({ type: "sent", clientId, message: sendMessage });
    } finally {
      clearTimeout(late);
    }
  }
}

const held = new Map<string, ThreadController>();
const HELD_AT_MOST = 30;

/** Kept for a while after leaving, so that going back is instant and what failed to send is still there. */
export function threadController(id: string): ThreadController {
  const known = held.get(id);
  if (known) return known;
  const made = new ThreadController(id);
  held.set(id, made);
  for (const [oldest, controller] of held) {
    if (held.size <= HELD_AT_MOST) break;
    if (oldest !== id && controller.thread.outbox.length === 0) held.delete(oldest);
  }
  return made;
}

/** After a reload: what waits is sent, whichever conversation is looked at. */
export function resumeUnsent(): void {
  for (const id of unsentIn()) threadController(id);
}

/** Puts down what was read, and keeps what still has to be sent. */
export function setThreadsAside(): void {
  for (const controller of held.values()) controller.forget();
  held.clear();
}

export function forgetThreads(): void {
  for (const controller of held.values()) controller.forget();
  held.clear();
  forgetUnsent();
}
