import { Button } from "@mantine/core";
import { useState } from "react";
import { signOut } from "../api/auth";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { graphql, type ResultOf } from "../gql/graphql";
import { useViewer } from "../shell/scope";
import { Confirm } from "../ui/confirm";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./account.module.css";

const SessionFields = graphql(`
  fragment SessionFields on Session @_unmask { id current createdAt lastUsedAt browser address }
`);

const SessionsQuery = graphql(`query Sessions { viewer { user { id } sessions { ...SessionFields } } }`, [
  SessionFields,
]);

const EndSessionMutation = graphql(`mutation EndSession($id: ID!) { endSession(sessionId: $id) }`);

type Session = ResultOf<typeof SessionFields>;

export function AccountPage() {
  const viewer = useViewer();
  const { data, error, again } = useAsk(SessionsQuery, {}, { of: ["Session"] });
  const [ending, askToEnd] = useState<Session | null>(null);
  useTitle(`Account · ${brand.name}`);

  const end = async (session: Session) => {
    askToEnd(null);
    if (session.current) {
      await signOut();
      return;
    }
    try {
      await change(EndSessionMutation, { id: session.id }, ["Session"]);
      toast("The session has ended");
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };

  return (
    <Page title="Account">
      <Section id="you" title="You" text={`How you are known to ${viewer.agency.name}.`}>
        <dl className={css.facts}>
          <dt>Name</dt>
          <dd>{viewer.user.name}</dd>
          <dt>Email</dt>
          <dd>{viewer.user.email ?? "—"}</dd>
          {viewer.memberships.map((membership) => (
            <Membership key={membership.id} place={membership.organization?.name ?? viewer.agency.name}>
              {membership.role.name}
            </Membership>
          ))}
        </dl>
      </Section>
      <Section id="sessions" title="Sessions" text="Where you are signed in. End what you do not recognise.">
        {error ? <Failed error={error} retry={again} /> : null}
        {!data && !error ? <RowSkeletons count={2} /> : null}
        <ul className={css.sessions}>
          {data?.viewer.sessions.map((session) => (
            <li key={session.id} className={css.session} data-testid="session">
              <div className={css.text}>
                <div className={css.browser}>
                  {session.browser}
                  {session.current ? <span className={css.current}>This session</span> : null}
                </div>
                <div className={css.dim}>
                  {session.address} · signed in <Ago at={session.createdAt} /> · last used{" "}
                  <Ago at={session.lastUsedAt} />
                </div>
              </div>
              <Button variant="default" onClick={() => askToEnd(session)}>
                End this one
              </Button>
            </li>
          ))}
        </ul>
      </Section>
      <Confirm
        opened={ending !== null}
        title={ending?.current ? "Sign out here?" : "End this session?"}
        action={ending?.current ? "Sign out" : "End session"}
        onClose={() => askToEnd(null)}
        onConfirm={() => {
          if (ending) void end(ending);
        }}
      >
        {ending?.current
          ? "You will have to sign in again on this device."
          : `${ending?.browser} is signed out at once.`}
      </Confirm>
    </Page>
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
