import "@mantine/core/styles/Switch.css";
import { Button, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import { change } from "../api/client";
import { type ApiError, sentence, toApiError } from "../api/errors";
import type { ResultOf } from "../gql/graphql";
import { useViewer } from "../shell/scope";
import { SaveBar, useDraft } from "../ui/form";
import { LockIcon } from "../ui/icons";
import { toast } from "../ui/toast";
import css from "./ai-agents.module.css";
import { type AiAgentFrame, type HandoffFields, UpdateOfferMutation } from "./documents";
import preview from "./offer-preview.module.css";

type Handoff = ResultOf<typeof HandoffFields>;

export type Offer = Pick<
  Handoff,
  | "popup"
  | "fixedPopup"
  | "buttonText"
  | "popupText"
  | "waitingText"
  | "blockInput"
  | "onWords"
  | "onAiDecision"
  | "onLowConfidence"
  | "afterFailures"
>;

const keys: Readonly<Record<keyof Offer, string>> = {
  popup: "handoff.popup",
  fixedPopup: "handoff.fixed_popup",
  buttonText: "handoff.button_text",
  popupText: "handoff.popup_text",
  waitingText: "handoff.waiting_text",
  blockInput: "handoff.block_input",
  onWords: "handoff.on_words",
  onAiDecision: "handoff.on_ai_decision",
  onLowConfidence: "handoff.on_low_confidence",
  afterFailures: "handoff.after_failures",
};

const switches: readonly (readonly [
  keyof Offer & ("popup" | "fixedPopup" | "blockInput" | "onWords" | "onAiDecision" | "onLowConfidence"),
  string,
  string,
])[] = [
  [
    "popup",
    "Enable handoff popup",
    "Lets the AI agent show visitors that a person can be asked for. Off, nobody is offered a person.",
  ],
  ["fixedPopup", "Fixed handoff popup", "The way to a person always stands at the top of the chat."],
  ["blockInput", "Block input while waiting", "A visitor who waits cannot write until somebody joins."],
  [
    "onWords",
    "Notice the visitor's words",
    "“Can I talk to somebody?” calls a person at once, without the button.",
  ],
  ["onAiDecision", "Let the AI decide", "A person is offered when the AI says that it needs one."],
  ["onLowConfidence", "Notice weak answers", "A person is offered with an answer that did not help."],
];

function offerOf(handoff: Handoff): Offer {
  const { popup, fixedPopup, buttonText, popupText, waitingText, blockInput } = handoff;
  const { onWords, onAiDecision, onLowConfidence, afterFailures } = handoff;
  return {
    popup,
    fixedPopup,
    buttonText,
    popupText,
    waitingText,
    blockInput,
    onWords,
    onAiDecision,
    onLowConfidence,
    afterFailures,
  };
}

/** Only what changed is sent: a value that the agency has fixed must not be sent along, or all of it is refused. */
export function changedOf(saved: Offer, value: Offer): Partial<Offer> {
  const names = Object.keys(saved) as (keyof Offer)[];
  return Object.fromEntries(
    names.filter((name) => saved[name] !== value[name]).map((name) => [name, value[name]]),
  );
}

export function OfferForm({ agent, handoff }: { readonly agent: AiAgentFrame; readonly handoff: Handoff }) {
  const saved = offerOf(handoff);
  const agency = useViewer().agency.name;
  const draft = useDraft(saved, async (value) => {
    await change(UpdateOfferMutation, { id: agent.id, ...changedOf(saved, value) });
  });
  const { value } = draft;
  const unassigned = handoff.blockedBy === "AI_AGENT_UNASSIGNED";
  const locked = (name: keyof Offer) => handoff.locked.includes(keys[name]);
  const fixed = (name: keyof Offer) => !agent.canEditHandoff || locked(name);
  const all = Object.keys(keys) as (keyof Offer)[];
  const inherit = async () => {
    try {
      await change(UpdateOfferMutation, { id: agent.id, inherit: all.map((name) => keys[name]) });
      toast("The organization's settings count again");
    } catch (thrown) {
      toast(sentence(toApiError(thrown) as ApiError));
    }
  };
  const why = (name: keyof Offer) =>
    locked(name) ? (
      <p className={css.dim} data-testid="setting-locked">
        <LockIcon size={12} /> {agency} has fixed this.
      </p>
    ) : null;
  const text = (name: "popupText" | "waitingText", label: string, description: string) => (
    <div>
      <Textarea
        label={label}
        description={description}
        autosize
        maxLength={300}
        value={value[name]}
        disabled={fixed(name)}
        error={draft.fieldError(name)}
        onChange={(event) => draft.set({ [name]: event.currentTarget.value.replaceAll("\n", " ") })}
      />
      {why(name)}
    </div>
  );
  return (
    <form onSubmit={draft.submit} className={css.form} aria-label="How a person is offered">
      <h3 className={css.small}>How a person is offered</h3>
      <div className={preview.split}>
        <div className={css.form}>
          {switches.map(([name, label, description]) => {
            const alone = name === "fixedPopup" && unassigned;
            return (
              <div key={name}>
                <Switch
                  label={label}
                  description={description}
                  checked={value[name]}
                  disabled={fixed(name) || alone}
                  onChange={(event) => draft.set({ [name]: event.currentTarget.checked })}
                />
                {alone ? (
                  <p className={css.why} data-testid="fixed-popup-blocked">
                    The fixed popup works only with an organization: assign this AI agent to one first.
                  </p>
                ) : null}
                {why(name)}
                {draft.fieldError(name) ? <p role="alert">{draft.fieldError(name)}</p> : null}
              </div>
            );
          })}
          <div>
            <NumberInput
              label="Failures before a person is called"
              description="After so many answers in a row that did not help a person is called without being asked for; 0 means never."
              min={0}
              max={10}
              allowDecimal={false}
              allowNegative={false}
              maw={320}
              value={value.afterFailures}
              disabled={fixed("afterFailures")}
              error={draft.fieldError("afterFailures")}
              onChange={(count) => draft.set({ afterFailures: typeof count === "number" ? count : 0 })}
            />
            {why("afterFailures")}
          </div>
          <div>
            <TextInput
              label="Text of the button"
              maxLength={60}
              value={value.buttonText}
              disabled={fixed("buttonText")}
              error={draft.fieldError("buttonText")}
              onChange={(event) => draft.set({ buttonText: event.currentTarget.value })}
            />
            {why("buttonText")}
          </div>
          {text("popupText", "Text beside the button", "What is said where a person can be asked for.")}
          {text("waitingText", "Text while waiting", "What a visitor reads until somebody joins.")}
        </div>
        <Preview offer={value} available={handoff.enabled && !unassigned} />
      </div>
      {agent.canEditHandoff ? (
        <SaveBar draft={draft} fields={all}>
          {handoff.own.length > 0 && !draft.changed ? (
            <Button variant="subtle" color="gray" onClick={() => void inherit()}>
              Use the organization's settings
            </Button>
          ) : null}
        </SaveBar>
      ) : null}
    </form>
  );
}

/** What a visitor sees of it: before asking, and while waiting. */
function Preview({ offer, available }: { readonly offer: Offer; readonly available: boolean }) {
  const shown = available && (offer.popup || offer.fixedPopup);
  return (
    <aside className={preview.preview} aria-label="What the visitor sees" data-testid="offer-preview">
      <h4 className={css.small}>What the visitor sees</h4>
      {shown ? (
        <>
          <div className={preview.chat}>
            {offer.fixedPopup ? <Ask offer={offer} /> : null}
            <p className={preview.said}>I could not find that in what I have been told.</p>
            {offer.popup && !offer.fixedPopup ? <Ask offer={offer} /> : null}
          </div>
          <div className={preview.chat}>
            <p className={preview.waiting}>{offer.waitingText}</p>
            <div className={preview.field} aria-hidden="true">
              {offer.blockInput ? "Writing is blocked until somebody joins" : "Message"}
            </div>
          </div>
        </>
      ) : (
        <p className={css.dim}>
          {available
            ? "Nothing: neither popup is on, so no person is offered."
            : "Nothing: live agent handoff is off, or this AI agent has no organization."}
        </p>
      )}
    </aside>
  );
}

function Ask({ offer }: { readonly offer: Offer }) {
  return (
    <div className={preview.ask}>
      <span>{offer.popupText}</span>
      <span className={preview.button}>{offer.buttonText}</span>
    </div>
  );
}
