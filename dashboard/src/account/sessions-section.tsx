import { Button } from "@mantine/core";
import { useState } from "react";
import { signOut } from "../api/auth";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Confirm } from "../ui/confirm";
import { Section } from "../ui/page";
import { Failed, RowSkeletons } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import css from "./account.module.css";
import { EndOtherSessionsMutation, EndSessionMutation, type Session, SessionsQuery } from "./documents";

export function SessionsSection() {
  const { data, error, again } = useAsk(SessionsQuery, {}, { of: ["Session"] });
  const [ending, askToEnd] = useState<Session | "others" | null>(null);
  const others = data?.viewer.sessions.filter((session) => !session.current).length ?? 0;

  const end = async (which: Session | "others") => {
    askToEnd(null);
    if (which !== "others" && which.current) {
      await signOut();
      return;
    }
    try {
      if (which === "others") await change(EndOtherSessionsMutation, {}, ["Session"]);
      else await change(EndSessionMutation, { id: which.id }, ["Session"]);
      toast(which === "others" ? "You are signed out everywhere else" : "The session has ended");
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  const words = askedFor(ending, others);

  return (
    <Section
      id="sessions"
      title="Sessions"
      text="Where you are signed in. End what you do not recognise."
      actions={
        others > 0 ? (
          <Button variant="default" onClick={() => askToEnd("others")}>
            End all others
          </Button>
        ) : null
      }
    >
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
      <Confirm
        opened={ending !== null}
        title={words.title}
        action={words.action}
        onClose={() => askToEnd(null)}
        onConfirm={() => {
          if (ending) void end(ending);
        }}
      >
        {words.text}
      </Confirm>
    </Section>
  );
}

function askedFor(ending: Session | "others" | null, others: number) {
  if (ending === "others") {
    return {
      title: "End all other sessions?",
      action: "End them",
      text:
        others === 1
          ? "One other place is signed out at once."
          : `${others} other places are signed out at once.`,
    };
  }
  if (ending?.current) {
    return {
      title: "Sign out here?",
      action: "Sign out",
      text: "You will have to sign in again on this device.",
    };
  }
  return {
    title: "End this session?",
    action: "End session",
    text: `${ending?.browser ?? "It"} is signed out at once.`,
  };
}
