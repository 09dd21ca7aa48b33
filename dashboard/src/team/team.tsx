import { Button, Modal, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { ask } from "../api/client";
import { useAgencyPermissions, usePermissionsIn } from "../shell/scope";
import { useDebounced } from "../ui/hooks";
import { PeopleIcon, PlusIcon, SearchIcon } from "../ui/icons";
import { MoreRows, usePagedList } from "../ui/infinite";
import { useListKeys } from "../ui/list-keys";
import { Section } from "../ui/page";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { type Member, MembersQuery } from "./documents";
import { Invitations } from "./invitations";
import { InviteForm } from "./invite-form";
import { type Asked, MemberDialogs } from "./member-dialogs";
import { MemberRow, type Rights } from "./member-row";
import css from "./team.module.css";

const PAGE = 50;
const SEARCH_FROM = 8;

/** The people of one organization, or of the agency itself when there is none: who they are, and who is invited. */
export function Team(props: { readonly organizationId: string | null; readonly place: string }) {
  const { organizationId, place } = props;
  const may = usePermissionsIn(organizationId);
  const inAgency = useAgencyPermissions();
  const staff = organizationId === null;
  const [typed, setTyped] = useState("");
  const [inviting, invite] = useState(false);
  const [asked, askFor] = useState<Asked | null>(null);
  // Counts what was sent or made here: the lists of invitations and members begin anew.
  const [round, next] = useState(0);
  const search = useDebounced(typed.trim(), 200);
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);

  const members = usePagedList(
    JSON.stringify([organizationId, search, round]),
    async (after) =>
      (await ask(MembersQuery, { organizationId, search: search || null, first: PAGE, after })).members,
  );
  const rights: Rights = {
    setRoles: may("team.set_roles"),
    remove: may("team.remove"),
    limitOrganizations: staff && inAgency("staff.manage"),
    resetFactor: inAgency("staff.manage"),
    viewAs: !staff && inAgency("impersonate"),
  };
  const canInvite = staff ? inAgency("staff.manage") && may("team.invite") : may("team.invite");

  const changed = (member: Member) =>
    members.patch((rows) => rows.map((row) => (row.id === member.id ? member : row)));
  const removed = (id: string) => members.patch((rows) => rows.filter((row) => row.id !== id));

  return (
    <>
      <Section
        id="members"
        title={staff ? "Staff" : "Members"}
        text={
          staff
            ? "People of the agency itself. Owners and admins see every organization, members the ones given to them."
            : `Who can sign in to ${place}, and what they may do there.`
        }
        actions={
          canInvite ? (
            <Button leftSection={<PlusIcon size={16} />} onClick={() => invite(true)}>
              Invite
            </Button>
          ) : null
        }
      >
        {members.rows.length >= SEARCH_FROM || search !== "" || typed !== "" ? (
          <TextInput
            className={css.search}
            placeholder="Find by name or address"
            aria-label="Find a person by name or address"
            leftSection={<SearchIcon size={16} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        ) : null}
        {members.status === "loading" ? <RowSkeletons count={4} /> : null}
        {members.error ? <Failed error={members.error} retry={members.again} /> : null}
        {members.status === "ready" && members.rows.length === 0 ? (
          <Empty
            title={search ? "Nobody has this name or address" : "Nobody is here yet"}
            icon={<PeopleIcon size={22} />}
            action={canInvite && !search ? <Button onClick={() => invite(true)}>Invite</Button> : undefined}
          >
            {search
              ? "Try a shorter part of it."
              : canInvite
                ? "Invite the first person. They get a mail with a link."
                : "Somebody with “Manage Team” can invite people."}
          </Empty>
        ) : null}
        <ul ref={list} className={css.list} aria-label={staff ? "Staff" : "Members"}>
          {members.rows.map((member) => (
            <MemberRow key={member.id} member={member} rights={rights} onAsk={askFor} />
          ))}
        </ul>
        <MoreRows list={members} />
      </Section>
      <Invitations key={round} organizationId={organizationId} canInvite={canInvite} />
      <Modal
        opened={inviting}
        onClose={() => invite(false)}
        title={staff ? "Invite to the agency" : `Invite to ${place}`}
        centered
        size="lg"
        closeOnClickOutside={false}
      >
        <InviteForm
          organizationId={organizationId}
          place={place}
          onClose={() => invite(false)}
          onDone={() => next((before) => before + 1)}
        />
      </Modal>
      <MemberDialogs
        asked={asked}
        organizationId={organizationId}
        place={place}
        onClose={() => askFor(null)}
        onChanged={changed}
        onRemoved={removed}
      />
    </>
  );
}
