import { TextInput } from "@mantine/core";
import { MINIMUM_PASSWORD } from "./password";

/** A password that is chosen: twice, because nobody sees what they type. */
export function NewPasswordFields(props: {
  readonly password: string;
  readonly again: string;
  readonly onPassword: (value: string) => void;
  readonly onAgain: (value: string) => void;
  readonly error?: string | null;
  readonly size?: "sm" | "md";
  readonly autoFocus?: boolean;
}) {
  const common = {
    type: "password",
    autoComplete: "new-password",
    required: true,
    withAsterisk: false,
    size: props.size ?? "md",
  } as const;
  return (
    <>
      <TextInput
        {...common}
        label="New password"
        description={`At least ${MINIMUM_PASSWORD} characters. Several words are easier to remember than signs.`}
        autoFocus={props.autoFocus ?? false}
        value={props.password}
        onChange={(event) => props.onPassword(event.currentTarget.value)}
        error={props.error}
      />
      <TextInput
        {...common}
        label="New password again"
        value={props.again}
        onChange={(event) => props.onAgain(event.currentTarget.value)}
      />
    </>
  );
}
