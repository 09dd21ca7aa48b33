import "@mantine/core/styles/Switch.css";
import { Skeleton, Switch } from "@mantine/core";
import { useState } from "react";
import { renew } from "../api/auth";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { graphql } from "../gql/graphql";
import { NoAccess } from "../shell/no-access";
import { useAgencyPermissions, useViewer } from "../shell/scope";
import { DemandFactorMutation } from "../team/documents";
import { Team } from "../team/team";
import { Confirm } from "../ui/confirm";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Failed } from "../ui/states";
import { toast } from "../ui/toast";

const DemandedQuery = graphql(`
  query SecondFactorDemanded { viewer { user { id } hasSecondFactor agency { id demandsSecondFactor } } }
`);

/** The people of the agency itself. */
export function StaffPage() {
  const { agency } = useViewer();
  const may = useAgencyPermissions();
  useTitle(`Staff · ${brand.name}`);
  return (
    <Page title="Staff" sub={agency.name}>
      {may("staff.manage") ? (
        <>
          <Team organizationId={null} place={agency.name} />
          <Demand />
        </>
      ) : (
        <NoAccess
          permission="staff.manage"
          objectId={agency.id}
          title="You cannot see the staff of the agency"
        />
      )}
    </Page>
  );
}

function Demand() {
  const { data, error, again } = useAsk(DemandedQuery, {});
  const [asking, askFirst] = useState(false);
  const [busy, setBusy] = useState(false);
  const set = async (demanded: boolean) => {
    askFirst(false);
    setBusy(true);
    try {
      await change(DemandFactorMutation, { demanded }, ["Viewer"]);
      toast(demanded ? "A second factor is demanded now" : "A second factor is not demanded any more");
      // From here on it holds for oneself as well: the next page is the one that sets it up.
      if (demanded && !data?.viewer.hasSecondFactor) await renew();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(false);
    }
  };
  const viewer = data?.viewer;
  return (
    <Section
      id="security"
      title="Security"
      text="A stolen password alone lets nobody in who has a second factor."
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!viewer && !error ? <Skeleton height={40} /> : null}
      {viewer ? (
        <Switch
          label="Demand a second factor of everybody"
          description="Of staff and client users alike. Whoever has none sets one up before anything else opens."
          checked={viewer.agency.demandsSecondFactor}
          disabled={busy}
          onChange={(event) => {
            if (event.currentTarget.checked) askFirst(true);
            else void set(false);
          }}
        />
      ) : null}
      <Confirm
        opened={asking}
        title="Demand a second factor?"
        action="Demand it"
        onClose={() => askFirst(false)}
        onConfirm={() => void set(true)}
      >
        Whoever has none is stopped at once, in the middle of chats as well, until it is set up.
        {viewer?.hasSecondFactor ? "" : " That includes you."}
      </Confirm>
    </Section>
  );
}
