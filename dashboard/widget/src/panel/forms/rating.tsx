// How it was: one to five and a word, asked once after a human wrote. What is not sent is not kept.

import type { Chat } from "../../chat";
import { asFailure } from "../../errors";
import { changeConversation } from "../../live";
import type { State } from "../../store";
import type { Conversation } from "../../types";
import { type Child, h } from "../dom";
import { Icon } from "../icon";
import { RATE_CONVERSATION } from "../more/documents";
import { words } from "../more/texts";
import { type Attempt, Complaint, Field, fresh, refusal, valuesOf } from "./form";

const STEPS = [1, 2, 3, 4, 5];

export function createRating(chat: Chat, redraw: () => void) {
  let attempt: Attempt = fresh;
  let chosen = 0;
  let thanked = false;

  /** Which asking this is; the one that was waved away is remembered. */
  const asking = ({ live }: State) => {
    const end = live.messages.findLast(({ kind }) => kind === "COMPLETED" || kind === "RETURNED_TO_AI");
    return `${live.conversation?.id} ${end?.seq ?? 0}`;
  };

  const rate = async (form: HTMLFormElement) => {
    if (attempt.busy || chosen === 0) return;
    const rating = chosen;
    attempt = { busy: true, errors: {} };
    redraw();
    try {
      const text = valuesOf(form).text || null;
      const answer = await chat.call<{ rateConversation: Conversation }>(RATE_CONVERSATION, { rating, text });
      chat.update((live) => changeConversation(live, answer.rateConversation));
      chat.memory.set("asked", asking(chat.state));
      thanked = true;
      attempt = fresh;
      chosen = 0;
    } catch (error) {
      attempt = refusal(asFailure(error), ["text"]);
    }
    redraw();
  };

  const asks = (state: State) =>
    Boolean(state.live.conversation?.askRating) && chat.memory.get("asked") !== asking(state);

  return {
    asks,
    view(state: State): Child {
      const { conversation } = state.live;
      if (!asks(state)) {
        const over = conversation?.state === "ENDED" || conversation?.state === "AI";
        return thanked && over ? (
          <p class="hint" role="status">
            {words.rated}
          </p>
        ) : null;
      }
      return (
        <form
          class="card form rating"
          data-testid="rating"
          novalidate
          onsubmit={(event: SubmitEvent) => {
            event.preventDefault();
            void rate(event.currentTarget as HTMLFormElement);
          }}
        >
          <fieldset>
            <legend>{words.rate}</legend>
            <div class="stars">
              {STEPS.map((step) => (
                <label class={step <= chosen ? "on" : ""} title={words.stars(step)}>
                  <input
                    type="radio"
                    name="rating"
                    class="hidden"
                    value={step}
                    aria-label={words.stars(step)}
                    onchange={() => {
                      chosen = step;
                      redraw();
                    }}
                  />
                  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z" />
                  </svg>
                </label>
              ))}
            </div>
            <small>{chosen === 0 ? words.rateHint : words.stars(chosen)}</small>
          </fieldset>
          {chosen > 0 && <Field name="text" label={words.rateWords} attempt={attempt} maxlength={1_000} />}
          <Complaint attempt={attempt} />
          <div class="actions">
            <button
              type="button"
              class="link"
              onclick={() => {
                chat.memory.set("asked", asking(state));
                redraw();
              }}
            >
              {words.noThanks}
            </button>
            <button type="submit" class="solid" disabled={attempt.busy || chosen === 0}>
              <Icon name="send" />
              {words.sendRating}
            </button>
          </div>
        </form>
      );
    },
  };
}
