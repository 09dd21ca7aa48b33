import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { type ApiError, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Failed, RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { ChooseAgents, ChooseOrganizations } from "./choose-some";
import { CreateMemberMutation, type GivableRole, InviteMutation, RolesQuery } from "./documents";
import { NewPassword } from "./new-password";
import { RoleList } from "./role-list";
import css from "./team.module.css";
import { proposedRole, refusalWords } from "./words";

interface Props {
  readonly organizationId: string | null;
  readonly place: string;
  readonly onClose: () => void;
  /** Somebody was invited or made: the lists are stale. */
  readonly onDone: () => void;
}

export function InviteForm(props: Props) {
  const { data, error, again } = useAsk(RolesQuery, { organizationId: props.organizationId });
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <RowSkeletons count={4} />;
  return <Form {...props} roles={data.roles} />;
}

function Form({
  organizationId,
  place,
  onClose,
  onDone,
  roles,
}: Props & { readonly roles: readonly GivableRole[] }) {
  const staff = organizationId === null;
  // Made once for what is typed here: pressing again after a lost answer must not invite twice.
  const [clientId, setClientId] = useState(newClientId);
  const [way, setWay] = useState<"invite" | "create">("invite");
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [roleId, setRoleId] = useState(() => proposedRole(roles, staff));
  const [limited, limit] = useState(false);
  const [chosen, setChosen] = useState<readonly { readonly id: string; readonly name: string }[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [made, setMade] = useState<{
    readonly name: string;
    readonly email: string;
    readonly password: string | null;
  } | null>(null);

  const role = roles.find((one) => one.role.id === roleId)?.role;
  // Whoever looks after all the staff sees every organization; a limit would only look like one.
  const limitable = staff ? role !== undefined && !role.permissions.includes("staff.manage") : true;
  const toggle = (one: { readonly id: string; readonly name: string }, on: boolean) =>
    setChosen((before) => (on ? [...before, one] : before.filter((each) => each.id !== one.id)));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !roleId) return;
    setBusy(true);
    setError(null);
    const ids = limited && limitable ? chosen.map((one) => one.id) : null;
    const given = {
      clientId,
      organizationId,
      email: email.trim(),
      roleId,
      aiAgentIds: staff ? null : ids,
      organizationIds: staff ? ids : null,
    };
    try {
      if (way === "invite") {
        await change(InviteMutation, { ...given, name: name.trim() || null }, ["Invitation"]);
        toast(`${email.trim()} is invited`, { detail: "The link in the mail works for seven days." });
        onDone();
        onClose();
      } else {
        const { createMember } = await change(CreateMemberMutation, { ...given, name: name.trim() }, [
          "Member",
        ]);
        onDone();
        setMade({ name: name.trim(), email: email.trim(), password: createMember.password });
      }
    } catch (thrown) {
      const refused = toApiError(thrown);
      // The same id with another body would be taken for a mistake.
      if (!refused.retryable) setClientId(newClientId());
      setError(refused);
    } finally {
      setBusy(false);
    }
  };

  if (made) return <NewPassword {...made} onDone={onClose} />;
  const atEmail =
    error?.field === "email" || error?.reason === "ALREADY_MEMBER" || error?.reason === "ALREADY_INVITED";
  const ready = email.trim() !== "" && roleId !== null && (way === "invite" || name.trim() !== "");

  return (
    <form onSubmit={submit} className={css.form} data-testid="invite-form">
      <fieldset className={css.ways}>
        <legend className="hidden-text">How</legend>
        <label className={css.check}>
          <input type="radio" name="way" checked={way === "invite"} onChange={() => setWay("invite")} />
          <span>Send an invitation by mail</span>
        </label>
        <label className={css.check}>
          <input type="radio" name="way" checked={way === "create"} onChange={() => setWay("create")} />
          <span>Create the account now, with a password to hand over</span>
        </label>
      </fieldset>
      <TextInput
        label="Email"
        type="email"
        autoComplete="off"
        required
        withAsterisk={false}
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={error && atEmail ? refusalWords(error) : null}
      />
      <TextInput
        label={way === "invite" ? "Name (optional)" : "Name"}
        autoComplete="off"
        required={way === "create"}
        withAsterisk={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={error?.field === "name" ? error.message : null}
      />
      <RoleList label={`Role in ${place}`} roles={roles} value={roleId} onChange={setRoleId} />
      {limitable ? (
        <div>
          <label className={css.check}>
            <input
              type="checkbox"
              checked={limited}
              onChange={(event) => limit(event.currentTarget.checked)}
            />
            <span>{staff ? "Only some organizations" : "Only some of its AI agents"}</span>
          </label>
          {limited && staff ? <ChooseOrganizations chosen={chosen} onToggle={toggle} /> : null}
          {limited && !staff && organizationId ? (
            <ChooseAgents organizationId={organizationId} chosen={chosen} onToggle={toggle} />
          ) : null}
        </div>
      ) : null}
      <div className={css.bar}>
        <Button type="submit" disabled={!ready} loading={busy}>
          {way === "invite" ? "Send the invitation" : "Create the account"}
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {error && !atEmail && error.field !== "name" ? (
          <span role="alert" className={css.problem}>
            {refusalWords(error)}
          </span>
        ) : null}
      </div>
    </form>
  );
}
