import type { Chat } from "../../chat";
import { asFailure } from "../../errors";
import { type Child, h } from "../dom";
import { FORGET_ME } from "../more/documents";
import { words } from "../more/texts";
import { type Attempt, Complaint, focusHeading, fresh, refusal } from "./form";
import { Done, Sheet } from "./sheet";

/** "Forget me", with a second thought: nothing brings it back. */
export function createForget(chat: Chat, redraw: () => void) {
  let attempt: Attempt = fresh;
  let done = false;

  const forget = async () => {
    if (attempt.busy) return;
    attempt = { busy: true, errors: {} };
    redraw();
    try {
      await chat.call(FORGET_ME);
      chat.restart();
      done = true;
      attempt = fresh;
    } catch (error) {
      attempt = refusal(asFailure(error), []);
    }
    redraw();
    focusHeading();
  };

  return {
    closed() {
      done = false;
    },
    view(): Child {
      return (
        <Sheet chat={chat} title={words.forget}>
          {done ? (
            <Done chat={chat} title={words.forget} text={words.forgotten} />
          ) : (
            <div class="form" data-testid="forget">
              <p>{words.forgetText}</p>
              <Complaint attempt={attempt} />
              <div class="actions">
                <button type="button" class="link" onclick={() => chat.show(null)}>
                  {words.cancel}
                </button>
                <button type="button" class="solid danger" disabled={attempt.busy} onclick={forget}>
                  {attempt.busy ? words.sending : words.forgetConfirm}
                </button>
              </div>
            </div>
          )}
        </Sheet>
      );
    },
  };
}
