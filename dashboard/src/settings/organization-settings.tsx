import { Modal, Skeleton } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { ApiError, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { useAgencyPermissions, useViewer } from "../shell/scope";
import { SaveBar, useDraft } from "../ui/form";
import { SlidersIcon } from "../ui/icons";
import { Refusal, Trouble } from "../ui/refusal";
import { Empty } from "../ui/states";
import { SetSettingMutation, type Setting, SettingsQuery } from "./documents";
import { ModeForm, modeWords } from "./mode-form";
import { SettingRow } from "./setting-row";
import css from "./settings.module.css";
import { byArea, changedKeys, ownValues, type Values } from "./values";

/** The settings of one organization, each with where its value comes from. */
export function OrganizationSettings({ organizationId }: { readonly organizationId: string }) {
  return <Settings key={organizationId} organizationId={organizationId} />;
}

/** The same of the agency itself: what organizations get, and what they may make of it. */
export function AgencySettings() {
  return <Settings organizationId={null} />;
}

function Settings({ organizationId }: { readonly organizationId: string | null }) {
  const viewer = useViewer();
  const { data, error, again } = useAsk(SettingsQuery, { organizationId });
  if (error) {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="home.view"
        objectId={organizationId ?? viewer.agency.id}
        what="Seeing these settings"
      />
    );
  }
  if (!data) {
    return (
      <div role="status" aria-label="Loading" aria-busy="true">
        <Skeleton height={44} mb={16} />
        <Skeleton height={44} mb={16} />
        <Skeleton height={44} mb={16} />
        <Skeleton height={44} />
      </div>
    );
  }
  if (data.settings.length === 0) {
    return (
      <Empty title="Nothing to set here" icon={<SlidersIcon size={22} />}>
        Settings appear as soon as there is something that an organization can decide.
      </Empty>
    );
  }
  return <SettingsForm settings={data.settings} organizationId={organizationId} />;
}

const whatFor: Readonly<Record<string, string>> = {
  "handoff.enable": "Enabling handoff",
  "handoff.edit": "Changing how a person is offered",
  "business_hours.edit": "Changing what happens outside of business hours",
  "routing.edit": "Changing who gets a request and how a chat ends",
  "widget.edit_origins": "Changing who visitors are",
  "package.edit": "Changing what the agency decides",
  "widget.edit_appearance": "Changing the widget",
  "organization.edit": "Changing language and time zone",
};

function SettingsForm(props: {
  readonly settings: readonly Setting[];
  readonly organizationId: string | null;
}) {
  const { settings, organizationId } = props;
  const viewer = useViewer();
  const may = useAgencyPermissions();
  const ofAgency = organizationId === null;
  const saved = ownValues(settings, ofAgency);
  const draft = useDraft<Values>(saved, async (value) => {
    for (const key of changedKeys(saved, value)) {
      try {
        await change(SetSettingMutation, { key, organizationId, value: value[key] ?? null });
      } catch (thrown) {
        // One setting is refused, not the form: it is said at that one.
        const failed = toApiError(thrown);
        throw new ApiError(failed.message, failed.code, { reason: failed.reason, field: key });
      }
    }
  });
  const [modeOf, askMode] = useState<string | null>(null);
  const asked = settings.find((one) => one.key === modeOf);
  const managesModes = may("package.edit");
  const editable = settings.some((one) => one.editable);
  const lacking = new Set(
    settings
      .filter((one) => !one.editable && one.reason !== "SETTING_LOCKED" && one.mode !== "LOCKED")
      .map((one) => (ofAgency ? "package.edit" : one.permission)),
  );
  return (
    <>
      <form onSubmit={draft.submit}>
        {byArea(settings).map((area) => (
          <section key={area.id} className={css.group} aria-labelledby={`area-${area.id}`}>
            <h3 className={css.area} id={`area-${area.id}`}>
              {area.name}
            </h3>
            {area.settings.map((setting) => (
              <SettingRow
                key={setting.key}
                setting={setting}
                ofAgency={ofAgency}
                agencyName={viewer.agency.name}
                value={draft.value[setting.key] ?? null}
                onChange={(value) => draft.set({ [setting.key]: value })}
                error={draft.fieldError(setting.key)}
                mode={
                  managesModes
                    ? { words: modeWords(setting.mode, ofAgency), change: () => askMode(setting.key) }
                    : null
                }
              />
            ))}
          </section>
        ))}
        {[...lacking].map((permission) => (
          <Refusal
            key={permission}
            permission={permission}
            objectId={organizationId ?? viewer.agency.id}
            what={whatFor[permission] ?? "Changing these settings"}
          />
        ))}
        {editable ? (
          <div className={css.save}>
            <SaveBar draft={draft} fields={settings.map((one) => one.key)} />
          </div>
        ) : null}
      </form>
      <Modal opened={asked !== undefined} onClose={() => askMode(null)} title={asked?.name ?? ""} centered>
        {asked ? (
          <ModeForm
            setting={asked}
            organizationId={organizationId}
            value={draft.value[asked.key] ?? asked.value}
            onDone={() => askMode(null)}
          />
        ) : null}
      </Modal>
    </>
  );
}
