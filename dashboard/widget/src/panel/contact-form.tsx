import type { ContactDetails } from "../types";
import { type Child, h } from "./dom";
import { texts } from "./texts";

interface Props {
  asking: boolean;
  cancel: Child;
  onDone: (details: ContactDetails) => void;
}

export function ContactForm({ asking, cancel, onDone }: Props) {
  return (
    <form
      class="card form"
      aria-label={texts.request}
      onsubmit={(event: SubmitEvent) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget as HTMLFormElement);
        const value = (name: string) => String(data.get(name)).trim();
        onDone({ name: value("name"), email: value("email"), reason: value("reason") });
      }}
    >
      <p>{texts.collecting}</p>
      <label>
        {texts.name}
        <input name="name" autocomplete="name" maxlength="100" dir="auto" />
      </label>
      <label>
        {texts.email}
        <input name="email" type="email" autocomplete="email" maxlength="200" />
      </label>
      <label>
        {texts.reason}
        <input name="reason" maxlength="500" dir="auto" />
      </label>
      <div class="actions">
        {cancel}
        <button
          type="button"
          class="outline"
          disabled={asking}
          onclick={() => onDone({ name: "", email: "", reason: "" })}
        >
          {texts.skip}
        </button>
        <button type="submit" class="solid" disabled={asking}>
          {texts.sendRequest}
        </button>
      </div>
    </form>
  );
}
