import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { newClientId } from "../api/client-id";
import { type ApiError, sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { Badge } from "../ui/badge";
import { ConfirmByName } from "../ui/confirm-by-name";
import { SaveBar, useDraft } from "../ui/form";
import { usePolling, useTitle } from "../ui/hooks";
import { GlobeIcon, PlusIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { Trouble } from "../ui/refusal";
import rows from "../ui/rows.module.css";
import { Empty, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import { DnsRecords } from "./dns-records";
import {
  AddDomainMutation,
  CheckDomainMutation,
  type Domain,
  DomainsQuery,
  MakePrimaryMutation,
  ReleaseDomainMutation,
} from "./documents";
import css from "./domains.module.css";
import { missingWords, QUARANTINE_DAYS, stateWords, toHost } from "./states";

export function DomainsPage() {
  const object = useAgencyObject();
  const [adding, add] = useState(false);
  const [opened, open] = useState<string | null>(null);
  const [releasing, release] = useState<Domain | null>(null);
  useTitle(`Domains · ${brand.name}`);
  const { data, loading, error, again } = useAsk(DomainsQuery, {}, { of: ["Domain"] });
  const domains = data?.domains ?? [];
  const checking = domains.some((one) => one.checking);
  usePolling(() => {
    if (checking) again();
  }, 2_000);
  const button = (
    <Button leftSection={<PlusIcon size={16} />} onClick={() => add(true)}>
      Add domain
    </Button>
  );
  return (
    <Page title="Domains" actions={data ? button : null}>
      {loading ? <RowSkeletons count={3} /> : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="domain.manage"
          objectId={object}
          what="Seeing and changing domains"
        />
      ) : null}
      {data && domains.length === 0 ? (
        <Empty title="No domain of your own yet" icon={<GlobeIcon size={22} />} action={button}>
          Add one such as chat.example.com: your clients then sign in there, and links in mails lead there.
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label="Domains">
        {domains.map((one) => (
          <DomainItem
            key={one.id}
            one={one}
            // What still waits for records is open from the start: that is what one came for.
            opened={opened === one.id || (opened === null && domains.length === 1 && one.state !== "ACTIVE")}
            onOpen={() => open(opened === one.id ? "" : one.id)}
            onRelease={() => release(one)}
          />
        ))}
      </ul>
      <Modal opened={adding} onClose={() => add(false)} title="Add a domain" centered>
        <AddForm
          onDone={(id) => {
            add(false);
            open(id);
          }}
        />
      </Modal>
      {releasing ? <ReleaseDialog one={releasing} onClose={() => release(null)} /> : null}
    </Page>
  );
}

function DomainItem(props: {
  readonly one: Domain;
  readonly opened: boolean;
  readonly onOpen: () => void;
  readonly onRelease: () => void;
}) {
  const { one, opened } = props;
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const words = stateWords(one.state);
  const released = one.state === "RELEASED";
  const missing = released ? null : missingWords(one.records);

  const run = async (act: () => Promise<unknown>, done?: string) => {
    setBusy(true);
    setRefused(null);
    try {
      await act();
      if (done) toast(done);
    } catch (thrown) {
      setRefused(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };

  return (
    <li className={css.domain} data-testid="domain" data-state={one.state}>
      <div className={rows.item} data-open={opened || undefined}>
        <span className={rows.sign}>
          <GlobeIcon />
        </span>
        <div className={rows.text}>
          <button
            type="button"
            className={`${rows.name} ${rows.cover}`}
            aria-expanded={opened}
            onClick={props.onOpen}
          >
            {one.name}
          </button>
          <div className={rows.dim}>
            {released && one.releasedAt ? (
              <>
                Released <Ago at={one.releasedAt} />
              </>
            ) : one.activeSince ? (
              <>
                Active since <Ago at={one.activeSince} />
              </>
            ) : (
              <>
                Added <Ago at={one.createdAt} />
              </>
            )}
          </div>
        </div>
        {one.primary ? <Badge title="Links in mails lead here">Primary</Badge> : null}
        <span role="status">
          <Badge tone={one.checking ? "plain" : words.tone}>{one.checking ? "Checking…" : words.label}</Badge>
        </span>
      </div>
      {opened ? (
        <div className={css.body}>
          <p className={css.text}>{words.text}</p>
          {one.problem ? (
            <p className={rows.note} role="note">
              {one.problem}
            </p>
          ) : null}
          {released ? null : (
            <>
              {one.lastCheckedAt && missing && one.problem === null ? (
                <p className={css.text}>{missing}</p>
              ) : null}
              <DnsRecords records={one.records} checked={one.lastCheckedAt !== null} />
              <div className={rows.actions}>
                {/* A host that the platform gave has no records to look for. */}
                {one.records.length > 0 ? (
                  <Button
                    variant="default"
                    loading={busy || one.checking}
                    onClick={() => void run(() => change(CheckDomainMutation, { id: one.id }))}
                  >
                    Check now
                  </Button>
                ) : null}
                {one.state === "ACTIVE" && !one.primary ? (
                  <Button
                    variant="default"
                    disabled={busy}
                    onClick={() =>
                      void run(
                        () => change(MakePrimaryMutation, { id: one.id }),
                        `Links in mails now lead to ${one.name}`,
                      )
                    }
                  >
                    Make primary
                  </Button>
                ) : null}
                <Button variant="default" onClick={props.onRelease}>
                  Release…
                </Button>
                {one.lastCheckedAt ? (
                  <span className={rows.dim}>
                    Last checked <Ago at={one.lastCheckedAt} />
                  </span>
                ) : null}
              </div>
            </>
          )}
          {refused ? (
            <p className={rows.note} role="alert">
              {sentence(refused)}
            </p>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

function AddForm({ onDone }: { readonly onDone: (id: string) => void }) {
  const [clientId] = useState(newClientId);
  const draft = useDraft({ host: "" }, async (value) => {
    const { addDomain } = await change(AddDomainMutation, { clientId, host: toHost(value.host) }, ["Domain"]);
    onDone(addDomain.id);
  });
  const host = toHost(draft.value.host);
  return (
    <form onSubmit={draft.submit} className={rows.form}>
      <TextInput
        label="Domain"
        description="A name of its own, such as chat.example.com. Your web site's own name cannot be used."
        required
        withAsterisk={false}
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        inputMode="url"
        value={draft.value.host}
        onChange={(event) => draft.set({ host: event.currentTarget.value })}
        error={draft.fieldError("host")}
      />
      {host !== "" && host !== draft.value.host.trim() ? (
        <p className={rows.dim}>
          Will be added as <strong>{host}</strong>.
        </p>
      ) : null}
      <p className={rows.dim}>
        Next you get the records to enter in its DNS. Until they are found, nothing changes for anybody.
      </p>
      <SaveBar draft={{ ...draft, changed: host.includes(".") }} fields={["host"]} label="Add" />
    </form>
  );
}

function ReleaseDialog({ one, onClose }: { readonly one: Domain; readonly onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const release = async () => {
    setBusy(true);
    setError(null);
    try {
      await change(ReleaseDomainMutation, { id: one.id });
      toast(`${one.name} is released`);
      onClose();
    } catch (thrown) {
      setError(toApiError(thrown));
      setBusy(false);
    }
  };
  return (
    <ConfirmByName
      opened
      title="Release this domain?"
      name={one.name}
      label="Domain"
      action="Release"
      busy={busy}
      error={error}
      onConfirm={() => void release()}
      onClose={onClose}
    >
      {one.state === "ACTIVE" || one.state === "FAILING"
        ? `At once nobody can sign in at ${one.name} any more, and links that lead there break. `
        : ""}
      For {QUARANTINE_DAYS} days the name is kept for you: only you can add it again. After that anybody can,
      so take its DNS records away.
    </ConfirmByName>
  );
}
