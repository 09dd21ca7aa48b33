import { TextInput } from "@mantine/core";
import { reloadViewer, type Viewer } from "../api/auth";
import { change } from "../api/client";
import { SaveBar, useDraft } from "../ui/form";
import { languageChoices, languageName } from "../ui/languages";
import { Section } from "../ui/page";
import { SearchSelect } from "../ui/search-select";
import { ownZone, zoneChoices } from "../ui/time-zones";
import css from "./account.module.css";
import { UpdateProfileMutation } from "./documents";

export function ProfileSection({ viewer }: { readonly viewer: Viewer }) {
  const saved = {
    name: viewer.user.name,
    language: viewer.language ?? "",
    timeZone: viewer.timeZone ?? "",
  };
  const draft = useDraft(saved, async (value) => {
    // Nothing chosen yet is no choice to send.
    await change(UpdateProfileMutation, {
      name: value.name.trim(),
      language: value.language || null,
      timeZone: value.timeZone || null,
    });
    await reloadViewer();
  });
  const languages = languageChoices();
  const known = languages.some((one) => one.value === draft.value.language) || draft.value.language === "";
  return (
    <Section
      id="profile"
      title="Profile"
      text={`How you are known to ${viewer.agency.name}, and how you read times.`}
    >
      <form onSubmit={draft.submit} className={css.form}>
        <TextInput
          label="Name"
          description="Colleagues and, in a chat, visitors see it."
          autoComplete="name"
          required
          withAsterisk={false}
          value={draft.value.name}
          onChange={(event) => draft.set({ name: event.currentTarget.value })}
          error={draft.fieldError("name")}
        />
        <SearchSelect
          label="Language"
          description="For mails to you, as far as they are written in it."
          value={draft.value.language}
          onChange={(language) => draft.set({ language: language ?? "" })}
          options={[
            ...(saved.language ? [] : [{ value: "", label: "As the organization" }]),
            ...languages,
            ...(known ? [] : [{ value: draft.value.language, label: languageName(draft.value.language) }]),
          ]}
          error={draft.fieldError("language")}
        />
        <SearchSelect
          label="Time zone"
          description="Times here are shown in it."
          value={draft.value.timeZone}
          onChange={(timeZone) => draft.set({ timeZone: timeZone ?? "" })}
          options={[
            ...(saved.timeZone
              ? []
              : [{ value: "", label: `As this device (${ownZone().replaceAll("_", " ")})` }]),
            ...zoneChoices(new Date()),
          ]}
          error={draft.fieldError("timeZone")}
        />
        <SaveBar draft={draft} fields={["name", "language", "timeZone"]} />
      </form>
      <h3 className={css.roles}>Your roles</h3>
      <dl className={css.facts}>
        {viewer.memberships.map((membership) => (
          <Membership key={membership.id} place={membership.organization?.name ?? viewer.agency.name}>
            {membership.role.name}
          </Membership>
        ))}
      </dl>
    </Section>
  );
}

function Membership({ place, children }: { readonly place: string; readonly children: string }) {
  return (
    <>
      <dt>{place}</dt>
      <dd>{children}</dd>
    </>
  );
}
