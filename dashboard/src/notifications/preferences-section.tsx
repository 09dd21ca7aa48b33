import { useCallback, useState } from "react";
import { useAsk } from "../api/use-ask";
import { useOrganizationId } from "../shell/scope";
import { BellIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { SearchSelect } from "../ui/search-select";
import { Select } from "../ui/select";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { type Preference, PreferencesQuery } from "./documents";
import css from "./notifications.module.css";
import { PreferenceForm } from "./preference-form";

/** Beyond so many, one types and chooses. */
const LONG = 12;
const keyOf = (one: Preference) => one.organizationId ?? "";

/** What reaches its reader, per organization (S213-S215). */
export function PreferencesSection() {
  const { data, error, again } = useAsk(PreferencesQuery, {}, { of: ["NotificationPreference"] });
  return (
    <Section
      id="preferences"
      title="What you are told, and how"
      text="The bell keeps what you have not chosen to leave out; email and push follow what you choose here."
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={4} /> : null}
      {data && data.notificationPreferences.length === 0 ? (
        <Empty title="There is nothing to choose yet" icon={<BellIcon size={22} />}>
          As soon as you belong to an organization, what it tells you is chosen here.
        </Empty>
      ) : null}
      {data && data.notificationPreferences.length > 0 ? (
        <Forms preferences={data.notificationPreferences} again={again} />
      ) : null}
    </Section>
  );
}

function Forms(props: { readonly preferences: readonly Preference[]; readonly again: () => void }) {
  const { preferences, again } = props;
  const looked = useOrganizationId() ?? "";
  const [chosen, choose] = useState<string | null>(null);
  const [visited, visit] = useState<ReadonlySet<string>>(new Set());
  const [unsaved, setUnsaved] = useState<ReadonlySet<string>>(new Set());

  const known = (key: string | null) => preferences.some((one) => keyOf(one) === key);
  const first = preferences[0] ? keyOf(preferences[0]) : "";
  const current = chosen !== null && known(chosen) ? chosen : known(looked) ? looked : first;

  const mark = useCallback((key: string, changed: boolean) => {
    setUnsaved((before) => {
      if (before.has(key) === changed) return before;
      const next = new Set(before);
      if (changed) next.add(key);
      else next.delete(key);
      return next;
    });
  }, []);

  const ofAll = preferences.find((one) => one.organizationId === null) ?? null;
  const options = preferences.map((one) => ({
    value: keyOf(one),
    label: `${one.organizationName ?? "All organizations"}${unsaved.has(keyOf(one)) ? " (not saved)" : ""}`,
  }));
  const open = (key: string) => {
    visit((before) => new Set(before).add(current));
    choose(key);
  };
  const others = [...unsaved].some((key) => key !== current);

  return (
    <>
      {preferences.length > 1 ? (
        <div className={css.chooser}>
          {preferences.length > LONG ? (
            <SearchSelect
              label="Organization"
              value={current}
              options={options}
              onChange={(value) => open(value ?? first)}
            />
          ) : (
            <Select label="Organization" value={current} options={options} onChange={open} />
          )}
          {current === "" ? (
            <p className={css.dim}>Counts wherever you have not chosen anything for one organization.</p>
          ) : null}
          {others ? (
            <p className={css.dim} role="status">
              What you changed elsewhere in this list is not saved yet.
            </p>
          ) : null}
        </div>
      ) : null}
      {preferences
        .filter((one) => keyOf(one) === current || visited.has(keyOf(one)))
        .map((one) => (
          <Form
            key={keyOf(one)}
            preference={one}
            ofAll={ofAll}
            hidden={keyOf(one) !== current}
            mark={mark}
            again={again}
          />
        ))}
    </>
  );
}

function Form(props: {
  readonly preference: Preference;
  readonly ofAll: Preference | null;
  readonly hidden: boolean;
  readonly mark: (key: string, changed: boolean) => void;
  readonly again: () => void;
}) {
  const { preference, ofAll, hidden, mark, again } = props;
  const key = keyOf(preference);
  const onChanged = useCallback((changed: boolean) => mark(key, changed), [mark, key]);
  return (
    <PreferenceForm
      preference={preference}
      ofAll={ofAll}
      hidden={hidden}
      onChanged={onChanged}
      onSaved={again}
    />
  );
}
