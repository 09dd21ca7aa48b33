import "@mantine/core/styles/Drawer.css";
import { Button, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { ask } from "../api/client";
import { serverNow } from "../api/clock";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { useAgencyObject } from "../settings/reach";
import { useOrganization, useViewer } from "../shell/scope";
import { useDebounced } from "../ui/hooks";
import { CloseIcon, DownloadIcon, LogIcon, SearchIcon } from "../ui/icons";
import { Pager } from "../ui/pager";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { fileName, saveFile } from "../ui/save-file";
import { Select } from "../ui/select";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./audit.module.css";
import { actionWords, type FilterForm, noFilter, toFilter } from "./difference";
import { AuditCsvQuery, type AuditEntry, AuditPeopleQuery, AuditQuery } from "./documents";
import { EntryDrawer } from "./entry-drawer";
import { WholeCheck } from "./whole-check";

/** Who did what, when, from where: of one organization, or of all the agency when none is named. */
export function AuditLog({ organizationId }: { readonly organizationId?: string }) {
  return <Log key={organizationId ?? ""} organizationId={organizationId ?? null} />;
}

function Log({ organizationId }: { readonly organizationId: string | null }) {
  const viewer = useViewer();
  const agencyObject = useAgencyObject();
  const looked = useOrganization();
  const [form, setForm] = useState<FilterForm>(noFilter);
  const [names, name] = useState<{ readonly actor?: string; readonly object?: string }>({});
  const [trail, setTrail] = useState<readonly string[]>([]);
  const [open, show] = useState<AuditEntry | null>(null);
  const [exporting, setExporting] = useState(false);
  const seen = useRef(new Map<string, string>());
  const settled = useDebounced(form, 250);
  const filter = toFilter(settled);
  const { data, error, loading, again } = useAsk(
    AuditQuery,
    { organizationId, filter, after: trail.at(-1) ?? null },
    { of: ["AuditEntry"] },
  );
  const people = useAsk(AuditPeopleQuery, { organizationId });
  const entries = data?.auditEntries.nodes ?? [];
  for (const entry of entries) seen.current.set(entry.action, actionWords(entry.action));
  const actions = [...seen.current].sort((one, other) => one[1].localeCompare(other[1]));
  const filtered = JSON.stringify(form) !== JSON.stringify(noFilter);

  const set = (patch: Partial<FilterForm>) => {
    setForm((before) => ({ ...before, ...patch }));
    setTrail([]);
  };

  const download = async () => {
    setExporting(true);
    try {
      const { auditCsv } = await ask(AuditCsvQuery, { organizationId, filter: toFilter(form) });
      const place =
        looked?.id === organizationId
          ? looked.name
          : organizationId === null
            ? viewer.agency.name
            : "organization";
      const day = new Date(serverNow()).toISOString().slice(0, 10);
      saveFile(`audit-${fileName(place)}-${day}.csv`, "text/csv;charset=utf-8", auditCsv);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setExporting(false);
    }
  };

  if (error?.code === "FORBIDDEN") {
    return (
      <Trouble
        error={error}
        retry={again}
        permission="audit.view"
        objectId={organizationId ?? agencyObject}
        what="Reading the audit log"
      />
    );
  }

  const members = people.data?.members.nodes ?? [];
  const known = new Map(members.map((member) => [member.user.id, member.user.name]));
  if (form.actorId && !known.has(form.actorId)) known.set(form.actorId, names.actor ?? "The chosen one");

  return (
    <div>
      <search className={css.filters}>
        <TextInput
          className={css.search}
          type="search"
          aria-label="Search the audit log"
          placeholder="Search"
          leftSection={<SearchIcon size={16} />}
          value={form.search}
          onChange={(event) => set({ search: event.currentTarget.value })}
        />
        <Select
          label="Who"
          value={form.actorId}
          onChange={(actorId) => set({ actorId })}
          options={[
            { value: "", label: "Everybody" },
            ...[...known].map(([value, label]) => ({ value, label })),
          ]}
        />
        <Select
          label="What"
          value={form.action}
          onChange={(action) => set({ action })}
          options={[
            { value: "", label: "Everything" },
            ...actions.map(([value, label]) => ({ value, label })),
          ]}
        />
        <TextInput
          type="date"
          label="From"
          max={form.to || undefined}
          value={form.from}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="To"
          min={form.from || undefined}
          value={form.to}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </search>
      {filtered ? (
        <div className={css.bar}>
          {form.objectId ? (
            <span className={css.chip}>
              Only {names.object ?? "one thing"}
              <button type="button" aria-label="Show all things again" onClick={() => set({ objectId: "" })}>
                <CloseIcon size={12} />
              </button>
            </span>
          ) : null}
          <Button variant="subtle" color="gray" onClick={() => set(noFilter)}>
            Clear filters
          </Button>
        </div>
      ) : null}
      <div className={css.bar}>
        <WholeCheck organizationId={organizationId} />
        <Button
          className={css.export}
          variant="default"
          leftSection={<DownloadIcon size={16} />}
          loading={exporting}
          onClick={() => void download()}
        >
          Export CSV
        </Button>
      </div>
      {loading ? <RowSkeletons /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="audit.view"
          objectId={agencyObject}
          what="Reading this"
        />
      ) : null}
      {data && entries.length === 0 ? (
        <Empty
          title={filtered ? "Nothing found" : "Nothing has happened yet"}
          icon={<LogIcon size={22} />}
          action={
            filtered ? (
              <Button variant="default" onClick={() => set(noFilter)}>
                Clear filters
              </Button>
            ) : undefined
          }
        >
          {filtered
            ? "No entry fits these filters. Take one away, or choose other days."
            : "Each change that somebody makes is kept here, with who made it and what was there before."}
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label="Audit log">
        {entries.map((entry) => (
          <li
            key={entry.id}
            className={`${rows.item} ${css.entry}`}
            data-row={entry.id}
            data-testid="audit-row"
          >
            <span className={css.when}>
              <Ago at={entry.at} />
            </span>
            <div className={rows.text}>
              <button
                type="button"
                className={`${rows.name} ${rows.cover} ${css.summary}`}
                onClick={() => show(entry)}
              >
                {entry.summary}
              </button>
              <div className={rows.dim}>
                {entry.actor.name}
                {entry.as ? ` as ${entry.as.name}` : ""}
                {organizationId === null && entry.organization ? ` · ${entry.organization.name}` : ""}
              </div>
            </div>
          </li>
        ))}
      </ul>
      <Pager trail={trail} onTurn={setTrail} page={data?.auditEntries.pageInfo} />
      <EntryDrawer
        entry={open}
        onClose={() => show(null)}
        onOnlyActor={(entry) => {
          name((before) => ({ ...before, actor: entry.actor.name }));
          set({ actorId: entry.actor.id });
          show(null);
        }}
        onOnlyObject={(entry) => {
          name((before) => ({ ...before, object: entry.objectName ?? "one thing" }));
          set({ objectId: entry.objectId });
          show(null);
        }}
      />
    </div>
  );
}
