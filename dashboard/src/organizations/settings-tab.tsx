import { Button, TextInput } from "@mantine/core";
import { lazy, Suspense, useRef, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { FileRoom } from "../files/file-room";
import { NoAccess } from "../shell/no-access";
import { SaveBar, useDraft } from "../ui/form";
import { Section } from "../ui/page";
import { RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { type Frame, OrganizationQuery, RenameOrganizationMutation } from "./documents";
import css from "./organizations.module.css";
import { uploadPicture } from "./upload";

const OrganizationSettings = lazy(() =>
  import("../settings/organization-settings").then((module) => ({ default: module.OrganizationSettings })),
);

export function SettingsTab({ organization }: { readonly organization: Frame }) {
  if (!organization.canEdit) {
    return (
      <NoAccess
        permission="organization.edit"
        objectId={organization.id}
        title="You cannot change this organization"
      />
    );
  }
  return (
    <>
      <NameSection organization={organization} />
      <LogoSection organization={organization} />
      <FileRoom organizationId={organization.id} />
      <Section
        id="settings"
        title="Settings"
        text="What holds in this organization. Each value says where it comes from."
      >
        <Suspense fallback={<RowSkeletons count={3} />}>
          <OrganizationSettings organizationId={organization.id} />
        </Suspense>
      </Section>
    </>
  );
}

function NameSection({ organization }: { readonly organization: Frame }) {
  const draft = useDraft({ name: organization.name }, async ({ name }) => {
    await change(RenameOrganizationMutation, { id: organization.id, name: name.trim() });
  });
  return (
    <Section id="name" title="Name" text="Its people see it, and you in every list.">
      <form onSubmit={draft.submit} className={css.form}>
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          maw={420}
          value={draft.value.name}
          onChange={(event) => draft.set({ name: event.currentTarget.value })}
          error={draft.fieldError("name")}
        />
        <SaveBar draft={draft} fields={["name"]} />
      </form>
    </Section>
  );
}

const LARGEST = 2 * 1024 * 1024;

function LogoSection({ organization }: { readonly organization: Frame }) {
  const { again } = useAsk(OrganizationQuery, { id: organization.id });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const upload = async (file: File) => {
    if (file.size > LARGEST) {
      setProblem("The picture is too large. It may have 2 MB.");
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await uploadPicture(`/organizations/${organization.id}/logo`, file);
      again();
      toast("The logo is saved");
    } catch (thrown) {
      setProblem(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section
      id="logo"
      title="Logo"
      text="Stands beside its name in lists and in the inbox. PNG, JPEG, WebP or SVG, up to 2 MB."
    >
      <div className={css.logo}>
        <span className={css.logoPreview}>
          {organization.logo ? (
            <img src={organization.logo} alt={`Logo of ${organization.name}`} />
          ) : (
            <span aria-hidden="true">{[...organization.name][0]?.toUpperCase()}</span>
          )}
        </span>
        <input
          ref={picker}
          type="file"
          className="hidden-text"
          accept="image/png,image/jpeg,image/webp,image/svg+xml"
          aria-label="Picture for the logo"
          tabIndex={-1}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) void upload(file);
          }}
        />
        <Button variant="default" loading={busy} onClick={() => picker.current?.click()}>
          {organization.logo ? "Replace the logo" : "Upload a logo"}
        </Button>
        {problem ? (
          <span role="alert" className={css.problem}>
            {problem}
          </span>
        ) : null}
      </div>
    </Section>
  );
}
