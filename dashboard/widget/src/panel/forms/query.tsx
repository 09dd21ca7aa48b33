// The offline query ("send email"): what a visitor leaves when nobody answers. It outlives a reload, and a retry is the
// same query: the client id is kept with the draft until the server has it.

import type { Chat } from "../../chat";
import { asFailure, field } from "../../errors";
import { type Child, h } from "../dom";
import { SUBMIT_OFFLINE_QUERY } from "../more/documents";
import { words } from "../more/texts";
import { Chooser, type TrayView } from "../more/tray";
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

interface Draft {
  clientId: string;
  email: string;
  name: string;
  message: string;
}

export function parseDraft(json: string | null, newId: () => string): Draft {
  let value: unknown;
  try {
    value = JSON.parse(json ?? "");
  } catch {
    // Nothing kept, or nothing of use.
  }
  const text = (name: string) => String(field(value, name) ?? "");
  return {
    clientId: text("clientId") || newId(),
    email: text("email"),
    name: text("name"),
    message: text("message"),
  };
}

export function createQuery(chat: Chat, tray: TrayView, redraw: () => void) {
  const { memory, newId } = chat;
  let attempt: Attempt = fresh;
  let draft = parseDraft(memory.get("query"), newId);
  let sentTo: string | null = null;

  const keep = (form: HTMLFormElement) => {
    const { email = "", name = "", message = "" } = valuesOf(form);
    draft = { ...draft, email, name, message };
    memory.set("query", JSON.stringify(draft));
  };
  const show = (next: Attempt) => {
    attempt = next;
    redraw();
    if (Object.keys(next.errors).length > 0) focusError();
  };

  const submit = async (form: HTMLFormElement) => {
    if (attempt.busy) return;
    keep(form);
    const errors: Record<string, string> = {};
    if (!looksLikeAddress(draft.email)) errors.email = words.addressMissing;
    if (draft.message === "") errors.message = words.messageMissing;
    if (Object.keys(errors).length > 0) return show({ busy: false, errors });
    if (tray.uploads.busy) {
      show({ busy: false, errors: {} });
      return tray.uploads.whenDone(() => void submit(form));
    }
    show({ busy: true, errors: {} });
    const { clientId, email, message, name } = draft;
    const fileIds = tray.uploads.all.map(({ id }) => id).filter((id) => id !== null);
    try {
      await chat.call(SUBMIT_OFFLINE_QUERY, { clientId, email, message, name: name || null, fileIds });
      tray.uploads.take();
      sentTo = email;
      draft = { clientId: newId(), email, name, message: "" };
      memory.set("query", JSON.stringify(draft));
      show(fresh);
      focusHeading();
    } catch (error) {
      const failure = asFailure(error);
      // Refused as it is: what is sent after a change is another query.
      if (failure.lasting) draft = { ...draft, clientId: newId() };
      show(refusal(failure, ["email", "message", "name"]));
    }
  };

  return {
    /** The form was left: it begins anew the next time. */
    closed() {
      sentTo = null;
    },
    view(): Child {
      if (sentTo !== null) {
        return (
          <Sheet chat={chat} title={words.query}>
            <Done chat={chat} title={words.querySent} text={words.queryTo(sentTo)} />
          </Sheet>
        );
      }
      return (
        <Sheet chat={chat} title={words.query}>
          <form
            class="form"
            novalidate
            data-testid="offline-query"
            oninput={(event: Event) => keep(event.currentTarget as HTMLFormElement)}
            onsubmit={(event: SubmitEvent) => {
              event.preventDefault();
              void submit(event.currentTarget as HTMLFormElement);
            }}
          >
            <p>{words.queryHint}</p>
            <Field
              name="email"
              label={words.address}
              attempt={attempt}
              value={draft.email}
              type="email"
              required
              autocomplete="email"
              maxlength={254}
            />
            <Field
              name="name"
              label={words.nameOptional}
              attempt={attempt}
              value={draft.name}
              autocomplete="name"
              maxlength={100}
            />
            <Field
              name="message"
              label={words.message}
              attempt={attempt}
              value={draft.message}
              rows={5}
              required
              maxlength={4_000}
            />
            {chat.state.live.conversation?.files?.enabled && [
              tray.view(),
              <Chooser uploads={tray.uploads} />,
            ]}
            <Complaint attempt={attempt} />
            <div class="actions">
              <button type="submit" class="solid" disabled={attempt.busy}>
                {attempt.busy ? words.sending : words.sendMessage}
              </button>
            </div>
          </form>
        </Sheet>
      );
    },
  };
}
