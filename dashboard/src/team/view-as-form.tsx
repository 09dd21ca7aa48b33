import { Button, Textarea } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { viewAsClient } from "../api/auth";
import { toApiError } from "../api/errors";
import type { Member } from "./documents";
import css from "./team.module.css";
import { refusalWords } from "./words";

export function ViewAsForm(props: {
  readonly member: Member;
  readonly place: string;
  readonly onClose: () => void;
}) {
  const { member } = props;
  const router = useRouter();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const { href } = router.state.location;
    try {
      await viewAsClient(member.id, reason.trim(), () => router.history.push(href));
      props.onClose();
      await router.navigate({ to: "/" });
    } catch (thrown) {
      setProblem(refusalWords(toApiError(thrown)));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} className={css.form}>
      <p className={css.lead}>
        For 30 minutes you see and do here what {member.user.name} can. Your name and the reason stand in the
        log of your agency and in that of {props.place}, beside everything you do.
      </p>
      <Textarea
        label="Reason"
        description={`${props.place} can read it.`}
        required
        withAsterisk={false}
        rows={3}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={problem}
      />
      <div className={css.bar}>
        <Button type="submit" disabled={!reason.trim()} loading={busy}>
          Begin
        </Button>
        <Button variant="default" onClick={props.onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
