import { ask } from "../api/client";
import { serverNow } from "../api/clock";
import { graphql } from "../gql/graphql";
import { type Noise, type Wishes, wantsToHear } from "../live/quiet";

const WishesQuery = graphql(`
  query NotificationWishes {
    notificationPreferences { organizationId events quietFrom quietUntil timeZone muted mutedAiAgents }
  }
`);

/** Chosen on another device, it counts here a little later. */
const HELD_MS = 5 * 60_000;

let held: { readonly wishes: Promise<readonly Wishes[]>; readonly at: number } | null = null;

/** They were changed here, or it is somebody else's turn to choose. */
export function forgetWishes(): void {
  held = null;
}

function known(): Promise<readonly Wishes[]> {
  const now = performance.now();
  if (!held || now - held.at > HELD_MS) {
    const wishes = ask(WishesQuery, {})
      .then((data) => data.notificationPreferences)
      // Not known is no reason to be silent; the next one asks again.
      .catch(() => {
        forgetWishes();
        return [];
      });
    held = { wishes, at: now };
  }
  return held.wishes;
}

/** Asked when something is about to be heard, not before: most pages are left before anything is. */
export async function wanted(noise: Noise): Promise<boolean> {
  return wantsToHear(await known(), noise, serverNow());
}
