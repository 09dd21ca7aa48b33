import { Button } from "@mantine/core";
import { useState } from "react";
import { useAsk } from "../api/use-ask";
import { BellIcon } from "../ui/icons";
import { Section } from "../ui/page";
import { Pager } from "../ui/pager";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { DecisionTable, useLookAgain } from "./decisions";
import { DecisionsQuery } from "./documents";

const PAGE = 20;

/** "Why was I (not) told?" (W02): one's own decisions, newest first. */
export function LogSection() {
  const [trail, setTrail] = useState<readonly string[]>([]);
  const { data, error, again } = useAsk(
    DecisionsQuery,
    { organizationId: null, conversationId: null, first: PAGE, after: trail.at(-1) ?? null },
    { of: ["NotificationDecision"] },
  );
  const decisions = data?.notificationDecisions.nodes ?? [];
  useLookAgain(decisions, again);
  return (
    <Section
      id="log"
      title="Who was told what, and why"
      text="Each event that could have reached you, by each way: whether it was sent, and otherwise why not."
      actions={
        <Button variant="default" size="xs" onClick={again}>
          Look again
        </Button>
      }
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={4} /> : null}
      {data && decisions.length === 0 ? (
        <Empty title="Nothing yet" icon={<BellIcon size={22} />}>
          As soon as a visitor asks for a person, it says here how you were told. Send yourself a test above.
        </Empty>
      ) : null}
      {decisions.length > 0 ? (
        <DecisionTable
          decisions={decisions}
          label="Who was told what, and why"
          of="person"
          onResent={again}
        />
      ) : null}
      <Pager trail={trail} onTurn={setTrail} page={data?.notificationDecisions.pageInfo} />
    </Section>
  );
}
