import { Button } from "@mantine/core";
import { CopyIcon } from "../ui/icons";
import { toast } from "../ui/toast";
import css from "./team.module.css";

/** The one moment in which the password is seen: the server keeps only what it needs to recognise it. */
export function NewPassword(props: {
  readonly name: string;
  readonly email: string;
  readonly password: string | null;
  readonly onDone: () => void;
}) {
  const { password } = props;
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      toast("The password is copied");
    } catch {
      toast("The browser did not allow copying", { detail: "Select the password and copy it by hand." });
    }
  };
  if (password === null) {
    return (
      <div className={css.form}>
        <p className={css.lead} role="status">
          {props.email} had an account here already. They sign in with the password they have.
        </p>
        <Button onClick={props.onDone}>Close</Button>
      </div>
    );
  }
  return (
    <div className={css.form} data-testid="new-password">
      <p className={css.lead} role="status">
        {props.name} can sign in with {props.email} and this password, and chooses another one at the first
        sign-in. It is shown only now: hand it over by a safe way, not by the same mail as the address.
      </p>
      <div className={css.secret}>
        <code data-testid="generated-password">{password}</code>
        <Button variant="default" leftSection={<CopyIcon size={14} />} onClick={() => void copy(password)}>
          Copy
        </Button>
      </div>
      <Button onClick={props.onDone}>I have handed it over</Button>
    </div>
  );
}
