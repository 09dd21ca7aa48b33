import { Button, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { type ApiError, toApiError } from "../api/errors";
import { ConfirmByName } from "../ui/confirm-by-name";
import { SaveBar, useDraft } from "../ui/form";
import rows from "../ui/rows.module.css";
import { Select } from "../ui/select";
import { toast } from "../ui/toast";
import { RemoveSenderMutation, type Sender, UpdateSenderMutation } from "./documents";
import css from "./sender.module.css";
import { portFor } from "./words";

const fields = ["fromName", "fromAddress", "replyTo", "host", "port", "username", "password"] as const;

export function SenderForm({ sender, again }: { readonly sender: Sender; readonly again: () => void }) {
  const [removing, remove] = useState(false);
  const [password, setPassword] = useState("");
  const saved = {
    version: sender.version,
    fromName: sender.fromName,
    fromAddress: sender.fromAddress,
    replyTo: sender.replyTo ?? "",
    host: sender.host,
    port: sender.port || 587,
    security: sender.security,
    username: sender.username,
    fallback: sender.fallback,
  };
  const draft = useDraft(saved, async (value) => {
    // The server never says the password; left empty, the one it has stays.
    await change(UpdateSenderMutation, { ...value, ...(password === "" ? {} : { password }) });
    setPassword("");
  });
  const whole = {
    ...draft,
    changed: draft.changed || password !== "",
    reset: () => {
      draft.reset();
      setPassword("");
    },
  };
  const { value } = draft;
  const field = (name: Exclude<(typeof fields)[number], "port" | "password">) => ({
    value: value[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      draft.set({ [name]: event.currentTarget.value }),
    error: draft.fieldError(name),
  });
  const meanwhile = draft.error?.reason === "CHANGED_MEANWHILE";
  return (
    <>
      <form onSubmit={draft.submit} className={rows.form} autoComplete="off">
        <div className={rows.pair}>
          <TextInput label="Name" description="What people see as the sender." {...field("fromName")} />
          <TextInput
            label="Address"
            description="At a domain whose DNS you manage."
            type="email"
            {...field("fromAddress")}
          />
        </div>
        <TextInput
          label="Answers go to"
          description="Left empty, to the address itself."
          type="email"
          maw={420}
          {...field("replyTo")}
        />
        <div className={rows.pair}>
          <TextInput
            label="SMTP server"
            placeholder="smtp.example.com"
            spellCheck={false}
            {...field("host")}
          />
          <Select
            label="Security"
            value={value.security}
            onChange={(next) => {
              const security = next === "TLS" ? "TLS" : "STARTTLS";
              draft.set({ security, port: portFor(security, value.port) });
            }}
            options={[
              { value: "STARTTLS", label: "STARTTLS (usually port 587)" },
              { value: "TLS", label: "TLS from the start (usually port 465)" },
            ]}
          />
          <NumberInput
            label="Port"
            description="25, 465, 587 or 2525."
            // Beneath, so that the three boxes of this row stand in one line.
            inputWrapperOrder={["label", "input", "description", "error"]}
            className={css.port}
            min={1}
            max={65535}
            allowDecimal={false}
            hideControls
            thousandSeparator={false}
            value={value.port}
            onChange={(port) => draft.set({ port: typeof port === "number" ? port : 0 })}
            error={draft.fieldError("port")}
          />
        </div>
        <div className={rows.pair}>
          <TextInput label="User name" autoComplete="off" spellCheck={false} {...field("username")} />
          <TextInput
            label="Password"
            type="password"
            autoComplete="new-password"
            placeholder={sender.hasPassword ? "Kept; type to replace it" : ""}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={draft.fieldError("password")}
          />
        </div>
        <fieldset className={css.choice}>
          <legend>When your own sender is not proved</legend>
          <label>
            <input
              type="radio"
              name="fallback"
              checked={value.fallback === "NEUTRAL"}
              onChange={() => draft.set({ fallback: "NEUTRAL" })}
            />
            <span>
              Send from the neutral address
              <span className={rows.dim}>
                <br />
                Mails come from {sender.neutralAddress}, which names nobody; they carry your name and your
                looks. Invitations and resets always arrive.
              </span>
            </span>
          </label>
          <label>
            <input
              type="radio"
              name="fallback"
              checked={value.fallback === "REFUSE"}
              onChange={() => draft.set({ fallback: "REFUSE" })}
            />
            <span>
              Send nothing
              <span className={rows.dim}>
                <br />
                Nobody ever sees another address than yours; but while something is wrong with it, no
                invitation and no reset goes out. They are listed below as held back.
              </span>
            </span>
          </label>
        </fieldset>
        {meanwhile ? (
          <p className={rows.note} role="alert">
            Somebody changed the sender meanwhile, so yours was not saved.{" "}
            <button
              type="button"
              className={rows.linkButton}
              onClick={() => {
                whole.reset();
                again();
              }}
            >
              Drop my changes and show theirs
            </button>
          </p>
        ) : null}
        <SaveBar draft={meanwhile ? { ...whole, error: null } : whole} fields={fields}>
          {sender.configured && !whole.changed ? (
            <Button variant="default" onClick={() => remove(true)}>
              Remove…
            </Button>
          ) : null}
        </SaveBar>
      </form>
      {removing ? <RemoveDialog sender={sender} onClose={() => remove(false)} /> : null}
    </>
  );
}

function RemoveDialog({ sender, onClose }: { readonly sender: Sender; readonly onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const remove = async () => {
    setBusy(true);
    setError(null);
    try {
      await change(RemoveSenderMutation, {});
      toast("The sender is removed");
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
      setBusy(false);
    }
  };
  return (
    <ConfirmByName
      opened
      title="Remove your sender?"
      name={sender.fromAddress}
      label="Address"
      action="Remove"
      busy={busy}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      Server, user name and password are forgotten.{" "}
      {sender.fallback === "NEUTRAL"
        ? `Mails go out from ${sender.neutralAddress} from then on.`
        : "From then on no mail goes out."}
    </ConfirmByName>
  );
}
