import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { SaveBar, useDraft } from "../ui/form";
import { languageChoices } from "../ui/languages";
import { SearchSelect } from "../ui/search-select";
import { ownZone, zoneChoices } from "../ui/time-zones";
import { CreateOrganizationMutation } from "./documents";
import css from "./organizations.module.css";

export function CreateOrganization({ onDone }: { readonly onDone: () => void }) {
  const navigate = useNavigate();
  // Made once for this form: pressing the button again after a lost answer must not make a second organization.
  const [clientId] = useState(newClientId);
  const draft = useDraft({ name: "", language: "", timeZone: ownZone() }, async (value) => {
    const { createOrganization } = await change(CreateOrganizationMutation, {
      clientId,
      name: value.name.trim(),
      language: value.language || null,
      timeZone: value.timeZone || null,
    });
    onDone();
    await navigate({ to: "/organizations/$id", params: { id: createOrganization.id } });
  });
  return (
    <form onSubmit={draft.submit} className={css.form}>
      <TextInput
        label="Name"
        description="Its people see it, and you in every list."
        required
        withAsterisk={false}
        data-autofocus
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
        error={draft.fieldError("name")}
      />
      <SearchSelect
        label="Language"
        value={draft.value.language}
        onChange={(language) => draft.set({ language: language ?? "" })}
        options={[{ value: "", label: "As your agency" }, ...languageChoices()]}
        error={draft.fieldError("language")}
      />
      <SearchSelect
        label="Time zone"
        description="Business hours and reports go by it."
        value={draft.value.timeZone}
        onChange={(timeZone) => draft.set({ timeZone: timeZone ?? "" })}
        options={[{ value: "", label: "As your agency" }, ...zoneChoices(new Date())]}
        error={draft.fieldError("timeZone")}
      />
      <SaveBar
        draft={{ ...draft, changed: draft.value.name.trim() !== "" }}
        fields={["name", "language", "timeZone"]}
        label="Create"
      />
    </form>
  );
}
