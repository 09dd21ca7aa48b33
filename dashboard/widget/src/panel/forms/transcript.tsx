import type { Chat } from "../../chat";
import { asFailure } from "../../errors";
import { type Child, h } from "../dom";
import { EMAIL_TRANSCRIPT } from "../more/documents";
import { words } from "../more/texts";
import {
  type Attempt,
  Complaint,
  Field,
  focusError,
  focusHeading,
  fresh,
  looksLikeAddress,
  refusal,
  valuesOf,
} from "./form";
import { Done, Sheet } from "./sheet";

/** The conversation by mail. */
export function createTranscript(chat: Chat, redraw: () => void) {
  let attempt: Attempt = fresh;
  let sentTo: string | null = null;

  const show = (next: Attempt) => {
    attempt = next;
    redraw();
    if (Object.keys(next.errors).length > 0) focusError();
  };
  const submit = async (form: HTMLFormElement) => {
    const { email = "" } = valuesOf(form);
    if (attempt.busy) return;
    if (!looksLikeAddress(email)) return show({ busy: false, errors: { email: words.addressMissing } });
    show({ busy: true, errors: {} });
    try {
      await chat.call(EMAIL_TRANSCRIPT, { email });
      sentTo = email;
      show(fresh);
      focusHeading();
    } catch (error) {
      show(refusal(asFailure(error), ["email"]));
    }
  };

  return {
    closed() {
      sentTo = null;
    },
    view(): Child {
      return (
        <Sheet chat={chat} title={words.askTranscript}>
          {sentTo === null ? (
            <form
              class="form"
              novalidate
              data-testid="transcript"
              onsubmit={(event: SubmitEvent) => {
                event.preventDefault();
                void submit(event.currentTarget as HTMLFormElement);
              }}
            >
              <p>{words.transcriptHint}</p>
              <Field
                name="email"
                label={words.address}
                attempt={attempt}
                type="email"
                required
                autocomplete="email"
                maxlength={254}
              />
              <Complaint attempt={attempt} />
              <div class="actions">
                <button type="submit" class="solid" disabled={attempt.busy}>
                  {attempt.busy ? words.sending : words.sendTranscript}
                </button>
              </div>
            </form>
          ) : (
            <Done chat={chat} title={words.transcriptSent} text={words.transcriptTo(sentTo)} />
          )}
        </Sheet>
      );
    },
  };
}
