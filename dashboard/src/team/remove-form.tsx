import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { renew } from "../api/auth";
import { change } from "../api/client";
import { toApiError } from "../api/errors";
import { toast } from "../ui/toast";
import { type Member, RemoveMemberMutation } from "./documents";
import css from "./team.module.css";
import { consequence, refusalWords } from "./words";

/** Cannot be undone, only begun anew by an invitation: so the name is asked for. */
export function RemoveForm(props: {
  readonly member: Member;
  readonly place: string;
  readonly leaving: boolean;
  readonly onClose: () => void;
  readonly onRemoved: (id: string) => void;
}) {
  const { member, place, leaving } = props;
  const expected = leaving ? place : member.user.name;
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await change(RemoveMemberMutation, { id: member.id }, ["Member"]);
      props.onRemoved(member.id);
      toast(leaving ? `You have left ${place}` : `${member.user.name} is removed from ${place}`);
      props.onClose();
      // What one belongs to has changed: the session says so anew, or is over.
      if (leaving) await renew();
    } catch (thrown) {
      setProblem(refusalWords(toApiError(thrown)));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} className={css.form}>
      <p className={css.lead}>{consequence(leaving ? "leave" : "remove", member.user.name, place)}</p>
      <TextInput
        label={`Type “${expected}” to confirm`}
        autoComplete="off"
        spellCheck={false}
        required
        withAsterisk={false}
        data-autofocus
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={problem}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={typed.trim() !== expected.trim()} loading={busy}>
          {leaving ? "Leave" : "Remove"}
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
