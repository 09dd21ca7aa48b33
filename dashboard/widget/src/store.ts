// The one place where the panel's state is held and from which it is announced.

import { emptyLive, type Live } from "./live";
import type { Memory } from "./storage";
import type { WidgetConfig } from "./types";

/** How the panel stands with the server. `refused`: it will not talk to this visitor, at least for now. */
export type Line = "connecting" | "up" | "down" | "refused";

/** What lies over the conversation, if anything. */
export type Sheet = "query" | "transcript" | "forget";

export interface State {
  live: Live;
  line: Line;
  config: WidgetConfig;
  loadingOlder: boolean;
  /** A handoff request or its cancellation is on its way. */
  asking: boolean;
  /** Why the last thing the visitor asked for did not work; cleared by the next one. */
  /** `offline`, `refused`, or the server's own sentence. */
  problem: string | null;
  /** This browser proves to the server that it is worth its time. */
  proving: boolean;
  sheet: Sheet | null;
}

export interface Store {
  readonly state: State;
  readonly live: Live;
  listen(listener: () => void): void;
  patch(change: Partial<State>): void;
  /** Every change of the conversation passes here, so that what got confirmed also leaves the stored outbox. */
  update(change: (live: Live) => Live): void;
}

export function createStore(config: WidgetConfig, memory: Memory): Store {
  const listeners: (() => void)[] = [];
  let state: State = {
    live: emptyLive,
    line: "connecting",
    config,
    loadingOlder: false,
    asking: false,
    problem: null,
    proving: false,
    sheet: null,
  };
  const patch = (change: Partial<State>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };
  return {
    get state() {
      return state;
    },
    get live() {
      return state.live;
    },
    listen: (listener) => listeners.push(listener),
    patch,
    update(change) {
      const before = state.live;
      const live = change(before);
      if (live === before) return;
      for (const { clientId } of before.pending) {
        if (!live.pending.some((entry) => entry.clientId === clientId)) memory.forget(clientId);
      }
      patch({ live });
    },
  };
}
