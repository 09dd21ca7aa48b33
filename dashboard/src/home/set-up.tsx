import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAsk } from "../api/use-ask";
import { useAgencyPermissions } from "../shell/scope";
import { CheckIcon } from "../ui/icons";
import { type Step, setUpSteps } from "./attention";
import { SetUpQuery } from "./documents";
import css from "./home.module.css";

const words: Readonly<Record<Step, { readonly title: string; readonly text: string }>> = {
  brand: {
    title: "Put your brand on it",
    text: "Name, logo and colours, as your clients will see them everywhere.",
  },
  domain: { title: "Add your domain", text: "Your clients sign in under an address of yours." },
  organization: { title: "Create the first organization", text: "One for each of your clients." },
  invite: { title: "Invite somebody", text: "Colleagues who look after your clients with you." },
};

const targets = {
  brand: "/brand",
  domain: "/domains",
  organization: "/organizations",
  invite: "/staff",
} as const;

const KEY = "set-up-hidden";

function hiddenBefore(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** For an agency that begins; gone when all is done, or when it is sent away. */
export function SetUp() {
  const may = useAgencyPermissions();
  const [hidden, hide] = useState(hiddenBefore);
  const { data } = useAsk(
    SetUpQuery,
    { brand: may("branding.edit"), domain: may("domain.manage"), people: may("staff.manage") },
    { pause: hidden, of: ["Organization", "Invitation", "Member", "Domain", "BrandSettings"] },
  );
  if (hidden || !data) return null;
  const steps = setUpSteps(data, may);
  const done = steps.filter((one) => one.done).length;
  if (done === steps.length) return null;
  return (
    <section className={css.setUp} aria-labelledby="set-up-title" data-testid="set-up">
      <div className={css.setUpHead}>
        <h2 className={css.heading} id="set-up-title">
          First steps
        </h2>
        <span className={css.dim}>
          {done} of {steps.length} done
        </span>
        <button
          type="button"
          className={css.hide}
          onClick={() => {
            hide(true);
            try {
              localStorage.setItem(KEY, "1");
            } catch {
              // Without storage it comes back with the next visit.
            }
          }}
        >
          Hide
        </button>
      </div>
      <ol className={css.steps}>
        {steps.map(({ step, done: isDone }) => (
          <li key={step} className={css.step} data-done={isDone || undefined}>
            <span className={css.tick}>{isDone ? <CheckIcon size={14} /> : null}</span>
            <div>
              <Link to={targets[step]}>{words[step].title}</Link>
              {isDone ? (
                <span className="hidden-text"> (done)</span>
              ) : (
                <div className={css.dim}>{words[step].text}</div>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
