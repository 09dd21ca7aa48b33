import { Button } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { change } from "../api/client";
import { toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Failed, RowSkeletons } from "../ui/states";
import { toast } from "../ui/toast";
import { type Member, RolesQuery, SetRoleMutation } from "./documents";
import { RoleList } from "./role-list";
import css from "./team.module.css";
import { refusalWords } from "./words";

export function RoleForm(props: {
  readonly member: Member;
  readonly organizationId: string | null;
  readonly place: string;
  readonly onClose: () => void;
  readonly onChanged: (member: Member) => void;
}) {
  const { member } = props;
  const { data, error, again } = useAsk(RolesQuery, { organizationId: props.organizationId });
  const [roleId, setRoleId] = useState(member.role.id);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const before = member.role;
    try {
      const { changed } = await change(SetRoleMutation, { id: member.id, roleId });
      props.onChanged(changed);
      toast(`${member.user.name} is ${changed.role.name} now`, {
        action: {
          label: "Undo",
          run: () =>
            void change(SetRoleMutation, { id: member.id, roleId: before.id })
              .then((undone) => props.onChanged(undone.changed))
              .catch((thrown: unknown) => toast(refusalWords(toApiError(thrown)))),
        },
      });
      props.onClose();
    } catch (thrown) {
      setProblem(refusalWords(toApiError(thrown)));
      setBusy(false);
    }
  };

  if (error) return <Failed error={error} retry={again} />;
  if (!data) return <RowSkeletons count={4} />;
  return (
    <form onSubmit={submit} className={css.form}>
      <RoleList label={`Role in ${props.place}`} roles={data.roles} value={roleId} onChange={setRoleId} />
      <p className={css.dim}>
        It holds at once. Open chats that the new role may not answer go back to the queue.
      </p>
      <div className={css.bar}>
        <Button type="submit" disabled={roleId === member.role.id} loading={busy}>
          Change the role
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
        {problem ? (
          <span role="alert" className={css.problem}>
            {problem}
          </span>
        ) : null}
      </div>
    </form>
  );
}
