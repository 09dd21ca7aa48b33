import { Button } from "@mantine/core";
import { useState } from "react";
import { ask, change } from "../api/client";
import { toApiError } from "../api/errors";
import { Confirm } from "../ui/confirm";
import { MoreRows, usePagedList } from "../ui/infinite";
import { Section } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago, Until } from "../ui/time";
import { toast } from "../ui/toast";
import { type Invitation, InvitationsQuery, ResendMutation, RevokeMutation } from "./documents";
import css from "./team.module.css";
import { refusalWords } from "./words";

export function Invitations(props: { readonly organizationId: string | null; readonly canInvite: boolean }) {
  const { organizationId } = props;
  const [revoking, askToRevoke] = useState<Invitation | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const list = usePagedList(
    `invitations:${organizationId}`,
    async (after) => (await ask(InvitationsQuery, { organizationId, first: 50, after })).invitations,
  );
  const rows = list.rows.filter((one) => one.state === "OPEN" || one.state === "EXPIRED");

  const run = async (invitation: Invitation, act: "resend" | "revoke") => {
    setBusy(invitation.id);
    try {
      const { changed } = await change(act === "resend" ? ResendMutation : RevokeMutation, {
        id: invitation.id,
      });
      list.patch((all) => all.map((one) => (one.id === changed.id ? changed : one)));
      toast(
        act === "resend"
          ? `A new link is on its way to ${invitation.email}`
          : `${invitation.email} is not invited any more`,
        {
          detail: act === "resend" ? "The old one does not work any more." : "The link in the mail is dead.",
        },
      );
    } catch (thrown) {
      toast(refusalWords(toApiError(thrown)));
    } finally {
      setBusy(null);
    }
  };

  return (
    <Section id="invitations" title="Invitations" text="Each works once and for seven days.">
      {list.status === "loading" ? <RowSkeletons count={2} /> : null}
      {list.error ? <Failed error={list.error} retry={list.again} /> : null}
      {list.status === "ready" && rows.length === 0 ? (
        <p className={css.dim}>
          {props.canInvite
            ? "Nobody is invited at the moment."
            : "Nobody is invited. Somebody with “Manage Team” can do that."}
        </p>
      ) : null}
      <ul className={css.list} aria-label="Invitations">
        {rows.map((one) => (
          <li key={one.id} className={css.row} data-testid="invitation-row" data-state={one.state}>
            <div className={css.who}>
              <div className={css.name}>{one.name ?? one.email}</div>
              <div className={css.dim}>
                {one.name ? `${one.email} · ` : ""}
                {one.invitedBy ? `by ${one.invitedBy.name}, ` : ""}
                <Ago at={one.sentAt} />
              </div>
            </div>
            <div className={css.role}>
              <div>{one.role.name}</div>
              <div className={css.dim}>
                {one.state === "EXPIRED" ? (
                  "Has run out"
                ) : (
                  <>
                    Ends <Until at={one.expiresAt} />
                  </>
                )}
              </div>
            </div>
            {props.canInvite ? (
              <div className={css.actions}>
                <Button
                  variant="default"
                  loading={busy === one.id}
                  aria-label={`Resend the invitation of ${one.email}`}
                  onClick={() => void run(one, "resend")}
                >
                  Resend
                </Button>
                {one.state === "OPEN" ? (
                  <Button
                    variant="subtle"
                    color="gray"
                    aria-label={`Revoke the invitation of ${one.email}`}
                    onClick={() => askToRevoke(one)}
                  >
                    Revoke
                  </Button>
                ) : null}
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      <MoreRows list={list} />
      <Confirm
        opened={revoking !== null}
        title="Revoke the invitation?"
        action="Revoke"
        onClose={() => askToRevoke(null)}
        onConfirm={() => {
          if (revoking) void run(revoking, "revoke");
          askToRevoke(null);
        }}
      >
        The link that {revoking?.email} got stops working. You can invite them again at any time.
      </Confirm>
    </Section>
  );
}
