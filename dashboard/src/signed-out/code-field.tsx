import { TextInput } from "@mantine/core";
import { useState } from "react";
import css from "./signed-out.module.css";

/** Six digits from the phone, or one of the recovery codes for whoever does not have it at hand. */
export function CodeField(props: {
  readonly value: string;
  readonly onChange: (code: string) => void;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
}) {
  const [recovery, setRecovery] = useState(false);
  return (
    <>
      <TextInput
        key={recovery ? "recovery" : "digits"}
        label={recovery ? "Recovery code" : "Code"}
        description={
          recovery
            ? "One of the codes you kept when you set up the second factor. Each works once."
            : "The six digits that your authenticator app shows now."
        }
        inputMode={recovery ? "text" : "numeric"}
        autoComplete={recovery ? "off" : "one-time-code"}
        name="code"
        required
        withAsterisk={false}
        autoFocus={props.autoFocus ?? true}
        spellCheck={false}
        autoCapitalize="none"
        size="md"
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        error={props.error}
      />
      <button
        type="button"
        className={css.aside}
        onClick={() => {
          setRecovery(!recovery);
          props.onChange("");
        }}
      >
        {recovery ? "Use the code of the app" : "Use a recovery code"}
      </button>
    </>
  );
}
