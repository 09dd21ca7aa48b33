// The way to a person: offered, waited for, missed. Stands between the messages and the composer, and, where the
// organization wants it, at the top.

import type { Chat } from "../../chat";
import { offersHuman } from "../../live";
import type { State } from "../../store";
import type { HandoffOffer } from "../../types";
import { type Child, Fragment, h } from "../dom";
import type { Forms } from "../forms/index";
import { Icon } from "../icon";
import type { Requests } from "./requests";
import { words } from "./texts";
import { when } from "./when";

/** From here on a visitor who waits is told that they need not. */
const LONG = 60_000;

export interface Handoff {
  top(state: State): Child;
  bottom(state: State): Child;
}

export function createHandoff(
  chat: Chat,
  requests: Requests,
  forms: () => Forms | null,
  redraw: () => void,
): Handoff {
  let dismissed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const email = (
    <button type="button" class="outline" onclick={() => chat.show("query")}>
      <Icon name="send" />
      {words.query}
    </button>
  );
  const button = (state: State, label = state.config.handoff.buttonText || words.request) => (
    <button type="button" class="outline" disabled={state.asking} onclick={() => requests.request()}>
      <Icon name="person" />
      {label}
    </button>
  );
  const cancel = (state: State) => (
    <button type="button" class="link" disabled={state.asking} onclick={requests.cancel}>
      {words.cancel}
    </button>
  );

  const waitsLong = ({ live }: State) => {
    const asked = live.messages.findLast(({ kind }) => kind === "HANDOFF_REQUESTED" || kind === "RELEASED");
    const since = asked === undefined ? 0 : Date.now() - Date.parse(asked.createdAt);
    clearTimeout(timer);
    if (since < LONG) timer = setTimeout(redraw, LONG - Math.max(0, since));
    return since >= LONG;
  };

  const waiting = (state: State) => {
    const { handoff } = state.config;
    const { queuePosition = null, estimatedWaitSeconds } = state.live.conversation ?? {};
    return (
      <section class="card waiting" data-testid="waiting">
        <i class="pulse" />
        <div role="status">
          <strong>{queuePosition === null ? words.queued : words.place(queuePosition)}</strong>
          {estimatedWaitSeconds != null && <p>{words.wait(estimatedWaitSeconds)}</p>}
          {handoff.waitingText && <p dir="auto">{handoff.waitingText}</p>}
          <p>{handoff.blockInput ? words.blocked : words.queuedHint}</p>
          {handoff.offlineForm && waitsLong(state) && (
            <div class="instead">
              <p>{words.tooLong}</p>
              {email}
            </div>
          )}
        </div>
        {cancel(state)}
      </section>
    );
  };

  const offer = (state: State) => {
    const { handoff } = state.config;
    const how = offersHuman(state.live, handoff.buttonAfterMessages);
    if (how === "no" || handoff.popup === false || handoff.fixedPopup) return null;
    if (handoff.open === false) return offline(handoff);
    // Only where the AI spoke of a human is it clear that there are any, though not now.
    if (!handoff.available) return how === "proposed" && <p class="hint">{words.offlineText}</p>;
    if (how === "yes" || dismissed) return <div class="offer">{button(state)}</div>;
    return (
      <section class="card popup" data-testid="handoff-popup">
        <p dir="auto">{handoff.popupText || words.popup}</p>
        <div class="actions">
          <button
            type="button"
            class="link"
            onclick={() => {
              dismissed = true;
              redraw();
            }}
          >
            {words.noThanks}
          </button>
          {button(state)}
        </div>
      </section>
    );
  };

  const offline = ({ offlineText, opensAt, offlineForm }: HandoffOffer) => (
    <section class="offline" role="status" data-testid="offline">
      <p dir="auto">{offlineText || words.offlineText}</p>
      {opensAt && <p>{words.opens(when(opensAt, new Date()))}</p>}
      {offlineForm && email}
    </section>
  );

  return {
    top(state) {
      const { handoff } = state.config;
      const owner = state.live.conversation?.state;
      if (!handoff.fixedPopup || owner === "HUMAN" || owner === "REQUESTED" || owner === "COLLECTING")
        return null;
      if (handoff.open === false) return <div class="fixed">{offline(handoff)}</div>;
      if (!handoff.available) return null;
      return (
        <section class="fixed" data-testid="fixed-popup">
          <p dir="auto">{handoff.popupText || words.popup}</p>
          {button(state)}
        </section>
      );
    },
    bottom(state) {
      const owner = state.live.conversation?.state;
      if (owner === "HUMAN") dismissed = false;
      switch (owner) {
        case "COLLECTING":
          return forms()?.contact(state, cancel(state));
        case "REQUESTED":
          return waiting(state);
        case "HUMAN":
        case undefined:
          return null;
        case "MISSED":
          return (
            <section class="card popup" role="status" data-testid="missed">
              <strong>{words.missed}</strong>
              <p>{words.missedHint}</p>
              <div class="actions">
                {state.config.handoff.available &&
                  state.config.handoff.open !== false &&
                  button(state, words.again)}
                {state.config.handoff.offlineForm && email}
              </div>
            </section>
          );
        default:
          return (
            <>
              {owner === "ENDED" && <p class="hint">{words.endedHint}</p>}
              {offer(state)}
            </>
          );
      }
    },
  };
}
