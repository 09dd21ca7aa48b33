import { useEffect } from "react";
import { ask, change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { createStore, useStore } from "../api/store";
import { inbox } from "../live-chats/inbox-store";
import { usePermissions } from "../shell/scope";
import { usePolling } from "../ui/hooks";
import { toast } from "../ui/toast";
import {
  AcknowledgeMutation,
  type OwnPresence,
  type Presence,
  PresenceQuery,
  SetPresenceMutation,
} from "./documents";

/** The open inbox is the sign of life; this only shows what the server makes of it. */
const own = createStore<OwnPresence | null>(null);

const LOOK_AGAIN_MS = 30_000;

export const choices: readonly { readonly value: Presence; readonly label: string; readonly says: string }[] =
  [
    { value: "ONLINE", label: "Available", says: "You get new chats" },
    { value: "AWAY", label: "Away", says: "You keep your chats and get no new ones" },
    { value: "OFFLINE", label: "Off", says: "You are shown as not there" },
  ];

export function presenceWord(presence: Presence): string {
  return choices.find((one) => one.value === presence)?.label ?? presence;
}

export function useOwnPresence(): OwnPresence | null {
  return useStore(own);
}

function show(presence: OwnPresence): void {
  own.set(presence);
  if (presence.lostChats === 0) return;
  const chats = presence.lostChats === 1 ? "a chat of yours" : `${presence.lostChats} chats of yours`;
  toast(`While you were gone, ${chats} went back to the queue`, {
    detail: "Somebody else may have them by now.",
    ms: 20_000,
  });
  change(AcknowledgeMutation, {})
    .then((data) => own.set(data.presence))
    // Then it is told once more, the next time.
    .catch(() => undefined);
}

export async function choosePresence(presence: Presence): Promise<void> {
  const before = own.get();
  if (before) own.set({ ...before, presence, choice: presence });
  try {
    own.set((await change(SetPresenceMutation, { presence }, ["Roster"])).presence);
  } catch (thrown) {
    own.set(before);
    toast(sentence(toApiError(thrown)), {
      action: { label: "Try again", run: () => void choosePresence(presence) },
    });
  }
}

/** Reads one's own presence when the inbox has come (back) to life, and now and then. */
export function usePresenceStream(): void {
  const allowed = usePermissions()("live_chat.respond");
  const { synced } = useStore(inbox);
  const read = () => {
    if (!allowed || !synced) return;
    ask(PresenceQuery, {})
      .then((data) => show(data.presence))
      .catch(() => undefined);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew exactly when one of these changes
  useEffect(() => {
    if (!allowed) own.set(null);
    read();
  }, [allowed, synced]);
  usePolling(read, LOOK_AGAIN_MS);
}
