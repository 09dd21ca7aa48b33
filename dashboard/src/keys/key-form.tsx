import { TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { useAsk } from "../api/use-ask";
import { SaveBar, useDraft } from "../ui/form";
import { Select } from "../ui/select";
import { Failed, RowSkeletons } from "../ui/states";
import { ApiKeyRolesQuery, CreateApiKeyMutation } from "./documents";
import css from "./keys.module.css";
import { daysOf, lives } from "./words";

interface Made {
  readonly name: string;
  readonly secret: string | null;
}

interface Role {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** Makes a key: what it is for, what it may do, and for how long. */
export function KeyForm(props: {
  readonly organizationId: string | null;
  readonly onDone: (made: Made) => void;
}) {
  const { organizationId } = props;
  const { data, error, again } = useAsk(ApiKeyRolesQuery, { organizationId });
  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <RowSkeletons count={3} />;
  return <Fields {...props} roles={data.apiKeyRoles.filter((role) => role.givable)} />;
}

function Fields(props: {
  readonly organizationId: string | null;
  readonly roles: readonly Role[];
  readonly onDone: (made: Made) => void;
}) {
  const { organizationId, roles } = props;
  const [clientId] = useState(newClientId);
  // The last is the one that may do least.
  const draft = useDraft({ name: "", roleId: roles.at(-1)?.id ?? "", life: "90" }, async (value) => {
    const input = { name: value.name, roleId: value.roleId, expiresInDays: daysOf(value.life) };
    const { createApiKey: made } = await change(CreateApiKeyMutation, {
      clientId,
      organizationId,
      input,
    });
    props.onDone({ name: made.apiKey.name, secret: made.secret });
  });
  const { value } = draft;
  const role = roles.find((one) => one.id === value.roleId);
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        description="What uses it, so that you know later what you revoke."
        placeholder="Nightly export"
        required
        withAsterisk={false}
        maxLength={80}
        data-autofocus
        value={value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <Select
        label="Role"
        description={role?.description ?? "You cannot give any role here."}
        value={value.roleId}
        onChange={(roleId) => draft.set({ roleId })}
        options={roles.map((one) => ({ value: one.id, label: one.name }))}
        disabled={roles.length === 0}
      />
      <Select
        label="Lasts"
        description={
          value.life === ""
            ? "Without an end it works until somebody revokes it, also when nobody remembers it."
            : "After that it is refused. Make another one before."
        }
        value={value.life}
        onChange={(life) => draft.set({ life })}
        options={lives}
      />
      <SaveBar
        draft={draft}
        fields={["name"]}
        label="Make key"
        disabled={value.name.trim() === "" || !role}
      />
    </form>
  );
}
