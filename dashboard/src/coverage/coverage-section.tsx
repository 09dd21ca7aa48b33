import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { weekWords } from "../hours/week";
import { useAgencyPermissions, useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { Confirm } from "../ui/confirm";
import { ClockIcon, PlusIcon } from "../ui/icons";
import { Section } from "../ui/page";
import rows from "../ui/rows.module.css";
import { Empty, Failed, RowSkeletons } from "../ui/states";
import { Ago, Until } from "../ui/time";
import { toast } from "../ui/toast";
import { CoverageForm } from "./coverage-form";
import { type CoverageData, CoveragesQuery, EndCoverageMutation } from "./documents";
import { weekOf } from "./words";

/** In which hours people of the agency answer this organization's live chats (W10). Clients see it; the agency sets it. */
export function CoverageSection(props: { readonly organizationId: string; readonly place: string }) {
  const { agency } = useViewer();
  const may = useAgencyPermissions();
  const { data, error, again } = useAsk(
    CoveragesQuery,
    { organizationId: props.organizationId },
    { of: ["Coverage"] },
  );
  const [making, make] = useState(false);
  const manages = may("coverage.manage");
  const running = data?.coverages.filter((one) => one.endedAt === null) ?? [];
  const over = data?.coverages.filter((one) => one.endedAt !== null) ?? [];
  if (data && !manages && data.coverages.length === 0) return null;
  return (
    <Section
      id="coverage"
      title="Coverage"
      text={`In which hours people of ${agency.name} answer live chats of ${props.place}. Outside of them they have no access through it.`}
      actions={
        manages ? (
          <Button variant="default" size="xs" leftSection={<PlusIcon size={14} />} onClick={() => make(true)}>
            New agreement
          </Button>
        ) : undefined
      }
    >
      {error ? <Failed error={error} retry={again} /> : null}
      {!data && !error ? <RowSkeletons count={2} /> : null}
      {data && running.length === 0 ? (
        <Empty title="Nobody covers this organization" icon={<ClockIcon size={22} />}>
          {manages
            ? "With an agreement your own people answer here at night, on weekends, or whenever it was agreed."
            : `People of ${agency.name} have no access through an agreement.`}
        </Empty>
      ) : null}
      <ul className={rows.list} aria-label="Coverage agreements">
        {running.map((one) => (
          <CoverageRow key={one.id} coverage={one} manages={manages} onDone={again} />
        ))}
      </ul>
      {over.length > 0 ? (
        <details>
          <summary>Agreements that have ended</summary>
          <ul className={rows.list}>
            {over.map((one) => (
              <CoverageRow key={one.id} coverage={one} manages={false} onDone={again} />
            ))}
          </ul>
        </details>
      ) : null}
      <Modal opened={making} onClose={() => make(false)} title="New coverage agreement" size={720} centered>
        <CoverageForm
          organizationId={props.organizationId}
          onClose={() => make(false)}
          onDone={() => {
            make(false);
            again();
          }}
        />
      </Modal>
    </Section>
  );
}

function CoverageRow(props: {
  readonly coverage: CoverageData;
  readonly manages: boolean;
  readonly onDone: () => void;
}) {
  const { coverage } = props;
  const [asking, ask] = useState(false);
  const end = async () => {
    ask(false);
    try {
      await change(EndCoverageMutation, { id: coverage.id });
      toast(`“${coverage.name}” has ended`);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      props.onDone();
    }
  };
  return (
    <li className={rows.item} data-testid="coverage">
      <div className={rows.text}>
        <div className={rows.name}>{coverage.name}</div>
        <p className={rows.dim}>
          {coverage.users.map((user) => user.name).join(", ")} as {coverage.role.name}
        </p>
        <p className={rows.dim}>
          {weekWords(weekOf(coverage.hours))} ({coverage.timeZone.replaceAll("_", " ")})
        </p>
        <p className={rows.dim}>
          {coverage.endedAt ? (
            <>
              Ended <Ago at={coverage.endedAt} />
            </>
          ) : coverage.nextChangeAt ? (
            <>
              {coverage.active ? "Goes on until" : "Begins"} <Until at={coverage.nextChangeAt} />
            </>
          ) : null}
        </p>
      </div>
      {coverage.endedAt ? null : (
        <Badge tone={coverage.active ? "good" : "plain"}>{coverage.active ? "Covers now" : "Not now"}</Badge>
      )}
      {props.manages ? (
        <Button variant="subtle" color="gray" size="xs" onClick={() => ask(true)}>
          End<span className="hidden-text"> {coverage.name}</span>
        </Button>
      ) : null}
      <Confirm
        opened={asking}
        title={`End “${coverage.name}”?`}
        action="End it"
        onClose={() => ask(false)}
        onConfirm={() => void end()}
      >
        {coverage.active
          ? "Chats that are held through it go back to the queue at once."
          : "It gives nobody anything any more."}
      </Confirm>
    </li>
  );
}
