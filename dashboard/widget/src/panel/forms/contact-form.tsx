import type { ContactDetails } from "../../types";
import { type Child, h } from "../dom";
import { words } from "../more/texts";
import { type Attempt, Complaint, Field, focusError, looksLikeAddress, valuesOf } from "./form";

interface Props {
  asking: boolean;
  cancel: Child;
  attempt: Attempt;
  onWrong: (attempt: Attempt) => void;
  onDone: (details: ContactDetails) => void;
}

export function ContactForm({ asking, cancel, attempt, onWrong, onDone }: Props): Child {
  return (
    <form
      class="card form"
      novalidate
      aria-label={words.request}
      onsubmit={(event: SubmitEvent) => {
        event.preventDefault();
        const { name = "", email = "", reason = "" } = valuesOf(event.currentTarget as HTMLFormElement);
        const wrong = email !== "" && !looksLikeAddress(email);
        onWrong({ busy: false, errors: wrong ? { email: words.addressMissing } : {} });
        if (wrong) focusError();
        else onDone({ name, email, reason });
      }}
    >
      <p>{words.collecting}</p>
      <Field name="name" label={words.name} attempt={attempt} autocomplete="name" maxlength={100} />
      <Field
        name="email"
        label={words.email}
        attempt={attempt}
        type="email"
        autocomplete="email"
        maxlength={254}
      />
      <Field name="reason" label={words.reason} attempt={attempt} maxlength={500} />
      <Complaint attempt={attempt} />
      <div class="actions">
        {cancel}
        <button
          type="button"
          class="outline"
          disabled={asking}
          onclick={() => onDone({ name: "", email: "", reason: "" })}
        >
          {words.skip}
        </button>
        <button type="submit" class="solid" disabled={asking}>
          {words.sendRequest}
        </button>
      </div>
    </form>
  );
}
