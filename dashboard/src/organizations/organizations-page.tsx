import "@mantine/core/styles/Popover.css";
import "@mantine/core/styles/Menu.css";
import { ActionIcon, Button, Menu, Modal, TextInput } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { ask } from "../api/client";
import { brand } from "../brand/brand";
import { NoAccess } from "../shell/no-access";
import { isStaff, useAgencyPermissions, useViewer } from "../shell/scope";
import { useDebounced, useKeys, useTitle } from "../ui/hooks";
import { BuildingIcon, DotsIcon, PlusIcon, SearchIcon, TrashIcon } from "../ui/icons";
import { MoreRows, usePagedList } from "../ui/infinite";
import { useListKeys } from "../ui/list-keys";
import { Page } from "../ui/page";
import { Select } from "../ui/select";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago, exact, useNow } from "../ui/time";
import { DeleteDialog, restore, resume, SuspendDialog } from "./change-state";
import { CreateOrganization } from "./create-organization";
import { type ListRow, OrganizationListQuery } from "./documents";
import { OrganizationMark } from "./mark";
import css from "./organizations.module.css";
import { type OrganizationsSearch, type Shown, type Sort, statesOf } from "./search";
import { countWords, daysLeftWords } from "./words";

const PAGE = 50;

export function OrganizationsPage() {
  const viewer = useViewer();
  const search = useSearch({ from: "/organizations" });
  useTitle(`Organizations · ${brand.name}`);
  if (!isStaff(viewer)) {
    return (
      <Page title="Organizations">
        <NoAccess
          permission="organization.create"
          objectId={viewer.agency.id}
          title="Organizations are looked after by your agency"
        />
      </Page>
    );
  }
  return <Organizations search={search} />;
}

function Organizations({ search }: { readonly search: OrganizationsSearch }) {
  const navigate = useNavigate();
  const may = useAgencyPermissions();
  const [typed, setTyped] = useState(search.q ?? "");
  const [creating, create] = useState(false);
  const [suspending, suspend] = useState<ListRow | null>(null);
  const [deleting, remove] = useState<ListRow | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const q = useDebounced(typed.trim(), 200);
  const sort = search.sort ?? "NAME";
  const canDelete = may("organization.delete");
  const show = search.show === "bin" && !canDelete ? "all" : (search.show ?? "all");
  const canCreate = may("organization.create");
  useListKeys(list);
  useKeys({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
    },
  });

  useEffect(() => {
    if (q === (search.q ?? "")) return;
    void navigate({
      to: "/organizations",
      search: { ...search, q: q || undefined } as OrganizationsSearch,
      replace: true,
    });
  }, [q, search, navigate]);

  const look = (next: { readonly sort?: Sort; readonly show?: Shown }) =>
    void navigate({ to: "/organizations", search: { ...search, ...next }, replace: true });

  const rows = usePagedList(
    JSON.stringify([q, sort, show]),
    async (after) =>
      (
        await ask(OrganizationListQuery, {
          search: q || null,
          sort,
          states: [...statesOf(show)],
          first: PAGE,
          after,
          team: may("team.view"),
          queue: may("live_chat.view_queue"),
        })
      ).organizations,
  );

  return (
    <Page
      title="Organizations"
      actions={
        canCreate ? (
          <Button leftSection={<PlusIcon size={16} />} onClick={() => create(true)}>
            Create organization
          </Button>
        ) : null
      }
    >
      <search className={css.tools}>
        <TextInput
          ref={field}
          className={css.search}
          placeholder="Find by name"
          aria-label="Find an organization by name"
          leftSection={<SearchIcon size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          label="Show"
          inline
          value={show}
          onChange={(value) => look({ show: value as Shown })}
          options={[
            { value: "all", label: "All" },
            { value: "active", label: "Active" },
            { value: "suspended", label: "Suspended" },
            ...(canDelete ? [{ value: "bin", label: "Bin" }] : []),
          ]}
        />
        <Select
          label="Sort"
          inline
          value={sort}
          onChange={(value) => look({ sort: value as Sort })}
          options={[
            { value: "NAME", label: "By name" },
            { value: "CREATED", label: "Newest first" },
            { value: "ACTIVITY", label: "Last active first" },
          ]}
        />
      </search>
      {rows.status === "loading" ? <RowSkeletons /> : null}
      {rows.error ? <Failed error={rows.error} retry={rows.again} /> : null}
      {rows.status === "ready" && rows.rows.length === 0 ? (
        <Nothing q={q} show={show} canCreate={canCreate} onCreate={() => create(true)} />
      ) : null}
      <p className="hidden-text" role="status">
        {rows.status === "ready"
          ? `${countWords(rows.rows.length, "organization", "organizations")}${rows.more ? ", and more" : ""}`
          : ""}
      </p>
      <ul ref={list} className={css.list} aria-label="Organizations">
        {rows.rows.map((row) => (
          <OrganizationItem
            key={row.id}
            row={row}
            canSuspend={may("organization.suspend")}
            canDelete={canDelete}
            onSuspend={() => suspend(row)}
            onDelete={() => remove(row)}
            onChanged={rows.again}
          />
        ))}
      </ul>
      <MoreRows list={rows} />
      <Modal opened={creating} onClose={() => create(false)} title="Create organization" centered>
        <CreateOrganization onDone={() => create(false)} />
      </Modal>
      <SuspendDialog
        organization={suspending}
        onClose={() => suspend(null)}
        onDone={() => {
          suspend(null);
          rows.again();
        }}
        onUndone={rows.again}
      />
      <DeleteDialog
        organization={deleting}
        onClose={() => remove(null)}
        onDone={() => {
          remove(null);
          rows.again();
        }}
        onUndone={rows.again}
      />
    </Page>
  );
}

function Nothing(props: {
  readonly q: string;
  readonly show: Shown;
  readonly canCreate: boolean;
  readonly onCreate: () => void;
}) {
  if (props.show === "bin") {
    return (
      <Empty title="The bin is empty" icon={<TrashIcon size={22} />}>
        A deleted organization waits here for 30 days and can be restored.
      </Empty>
    );
  }
  if (props.q) {
    return (
      <Empty title="No organization has this in its name" icon={<SearchIcon size={22} />}>
        Try a shorter part of the name, or show all.
      </Empty>
    );
  }
  if (props.show !== "all") {
    return <Empty title="None of the organizations is in this state" icon={<BuildingIcon size={22} />} />;
  }
  return (
    <Empty
      title="No organizations yet"
      icon={<BuildingIcon size={22} />}
      action={props.canCreate ? <Button onClick={props.onCreate}>Create organization</Button> : undefined}
    >
      {props.canCreate
        ? "Create one for each of your clients, assign AI agents to it and invite its people."
        : "None is assigned to you yet. An owner or admin of your agency can do that under Staff."}
    </Empty>
  );
}

function OrganizationItem(props: {
  readonly row: ListRow;
  readonly canSuspend: boolean;
  readonly canDelete: boolean;
  readonly onSuspend: () => void;
  readonly onDelete: () => void;
  readonly onChanged: () => void;
}) {
  const { row } = props;
  const binned = row.state === "DELETED";
  const again = async (changed: Promise<boolean>) => {
    if (await changed) props.onChanged();
  };
  return (
    <li className={css.item} data-row={row.id} data-testid="organization-row" data-state={row.state}>
      <OrganizationMark organization={row} />
      <div className={css.text}>
        {binned ? (
          <span className={css.name}>{row.name}</span>
        ) : (
          <Link to="/organizations/$id" params={{ id: row.id }} className={css.name} data-row-link>
            {row.name}
          </Link>
        )}
        <div className={css.dim}>
          <Facts row={row} />
        </div>
      </div>
      {row.state === "SUSPENDED" ? (
        <span className={css.badge} title={row.suspensionReason ?? undefined}>
          Suspended
        </span>
      ) : null}
      {!binned && row.waitingCount ? (
        <span className={css.waiting} title={`${row.waitingCount} waiting for a person`}>
          {row.waitingCount} waiting
        </span>
      ) : null}
      {binned ? (
        <Button className={css.above} variant="default" onClick={() => void again(restore(row))}>
          Restore
        </Button>
      ) : props.canSuspend || props.canDelete ? (
        <Menu>
          <Menu.Target>
            <ActionIcon className={css.above} aria-label={`More for ${row.name}`}>
              <DotsIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {props.canSuspend && row.state === "ACTIVE" ? (
              <Menu.Item onClick={props.onSuspend}>Suspend…</Menu.Item>
            ) : null}
            {props.canSuspend && row.state === "SUSPENDED" ? (
              <Menu.Item onClick={() => void again(resume(row))}>Resume</Menu.Item>
            ) : null}
            {props.canDelete ? <Menu.Item onClick={props.onDelete}>Delete…</Menu.Item> : null}
          </Menu.Dropdown>
        </Menu>
      ) : null}
    </li>
  );
}

function Facts({ row }: { readonly row: ListRow }) {
  const now = useNow(60_000);
  if (row.state === "DELETED") {
    return (
      <>
        {row.deletedAt ? (
          <>
            Deleted <Ago at={row.deletedAt} /> ·{" "}
          </>
        ) : null}
        {row.purgeAt ? <span title={exact(row.purgeAt)}>{daysLeftWords(row.purgeAt, now)}</span> : null}
      </>
    );
  }
  return (
    <>
      {countWords(row.aiAgentCount, "AI agent", "AI agents")}
      {row.memberCount === undefined ? "" : ` · ${countWords(row.memberCount, "person", "people")}`}
      {row.lastActivityAt ? (
        <>
          {" · active "}
          <Ago at={row.lastActivityAt} />
        </>
      ) : (
        <>
          {" · created "}
          <Ago at={row.createdAt} />
        </>
      )}
    </>
  );
}
