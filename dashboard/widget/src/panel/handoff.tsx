import type { Chat } from "../chat";
import { offersHuman } from "../live";
import type { State } from "../store";
import { ContactForm } from "./contact-form";
import { Fragment, h } from "./dom";
import { Icon } from "./icon";
import { texts } from "./texts";

/** What stands above the composer, by the state of the conversation: the offer of a human, the form, the queue, the end. */
export function Handoff({ chat, state }: { chat: Chat; state: State }) {
  const { live, asking } = state;
  const { conversation } = live;
  const cancel = (
    <button type="button" class="link" disabled={asking} onclick={chat.cancelHandoff}>
      {texts.cancel}
    </button>
  );
  switch (conversation?.state) {
    case "COLLECTING":
      return <ContactForm asking={asking} cancel={cancel} onDone={chat.requestHandoff} />;
    case "REQUESTED":
      return (
        <section class="card waiting" role="status">
          <i class="pulse" />
          <div>
            <strong>
              {conversation.queuePosition === null ? texts.queued : texts.place(conversation.queuePosition)}
            </strong>
            <p>{texts.queuedHint}</p>
          </div>
          {cancel}
        </section>
      );
    case "HUMAN":
    case undefined:
      return null;
    default:
      return (
        <>
          {conversation?.state === "ENDED" && <p class="hint">{texts.endedHint}</p>}
          <Offer chat={chat} state={state} />
        </>
      );
  }
}

function Offer({ chat, state }: { chat: Chat; state: State }) {
  const { handoff } = state.config;
  const offer = offersHuman(state.live, handoff.buttonAfterMessages);
  if (offer === "no") return null;
  // Only where the AI spoke of a human is it clear that there are any, though not now.
  if (!handoff.available) return offer === "proposed" && <p class="hint">{texts.teamOffline}</p>;
  return (
    <div class="offer">
      <button type="button" class="outline" disabled={state.asking} onclick={() => chat.requestHandoff()}>
        <Icon name="person" />
        {texts.request}
      </button>
    </div>
  );
}
