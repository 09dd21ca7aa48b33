import { Modal } from "@mantine/core";
import { useState } from "react";
import { change } from "../api/client";
import { toApiError } from "../api/errors";
import { Confirm } from "../ui/confirm";
import { toast } from "../ui/toast";
import { type Member, ResetFactorMutation, ResumeMemberMutation, SuspendMemberMutation } from "./documents";
import { LimitAgents, LimitOrganizations } from "./limits";
import { RemoveForm } from "./remove-form";
import { RoleForm } from "./role-form";
import { ViewAsForm } from "./view-as-form";
import { consequence, refusalWords } from "./words";

export interface Asked {
  readonly what:
    | "role"
    | "agents"
    | "organizations"
    | "viewAs"
    | "resetFactor"
    | "suspend"
    | "resume"
    | "remove"
    | "leave";
  readonly member: Member;
}

interface Props {
  readonly asked: Asked | null;
  readonly organizationId: string | null;
  readonly place: string;
  readonly onClose: () => void;
  readonly onChanged: (member: Member) => void;
  readonly onRemoved: (id: string) => void;
}

const simple = {
  suspend: SuspendMemberMutation,
  resume: ResumeMemberMutation,
  resetFactor: ResetFactorMutation,
};

/** Everything that is done to one person, in one dialog at a time. */
export function MemberDialogs(props: Props) {
  const { asked, place, onClose, onChanged } = props;
  // What is asked stays on the screen while the dialog closes.
  const [last, keep] = useState(asked);
  if (asked && asked !== last) keep(asked);
  const shown = asked ?? last;
  if (!shown) return null;
  const { member, what } = shown;
  const opened = asked !== null;
  const who = member.user.name;

  const run = async (act: keyof typeof simple) => {
    onClose();
    try {
      const { changed } = await change(simple[act], { id: member.id });
      onChanged(changed);
      const done = {
        suspend: `${who} is suspended`,
        resume: `${who} can come in again`,
        resetFactor: `${who} has no second factor any more`,
      };
      toast(done[act], act === "suspend" ? { action: { label: "Undo", run: () => void run("resume") } } : {});
    } catch (thrown) {
      toast(refusalWords(toApiError(thrown)));
    }
  };

  if (what === "suspend" || what === "resume" || what === "resetFactor") {
    const words = {
      suspend: { title: `Suspend ${who}?`, action: "Suspend", text: consequence("suspend", who, place) },
      resume: {
        title: `Resume ${who}?`,
        action: "Resume",
        text: `${who} can come into ${place} again, as before.`,
      },
      resetFactor: {
        title: `Reset the second factor of ${who}?`,
        action: "Reset",
        text: consequence("resetFactor", who, place),
      },
    }[what];
    return (
      <Confirm
        opened={opened}
        title={words.title}
        action={words.action}
        onClose={onClose}
        onConfirm={() => void run(what)}
      >
        {words.text}
      </Confirm>
    );
  }
  const titles = {
    role: `Role of ${who}`,
    agents: `AI agents of ${who}`,
    organizations: `Organizations of ${who}`,
    viewAs: `View as ${who}`,
    remove: `Remove ${who}?`,
    leave: `Leave ${place}?`,
  };
  return (
    <Modal opened={opened} onClose={onClose} title={titles[what]} centered>
      {what === "role" ? <RoleForm {...props} member={member} /> : null}
      {what === "agents" ? <LimitAgents member={member} onChanged={onChanged} onClose={onClose} /> : null}
      {what === "organizations" ? (
        <LimitOrganizations member={member} onChanged={onChanged} onClose={onClose} />
      ) : null}
      {what === "viewAs" ? <ViewAsForm member={member} place={place} onClose={onClose} /> : null}
      {what === "remove" || what === "leave" ? (
        <RemoveForm
          member={member}
          place={place}
          leaving={what === "leave"}
          onClose={onClose}
          onRemoved={props.onRemoved}
        />
      ) : null}
    </Modal>
  );
}
