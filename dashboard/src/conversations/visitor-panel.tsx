import type { ReactNode } from "react";
import { EndingPanel } from "../ending/ending-panel";
import { HandoffSteps } from "../ladder/steps";
import { visitorName } from "../live-chats/use-inbox";
import { WhoWasTold } from "../notifications/who-was-told";
import { useSeveralOrganizations } from "../shell/scope";
import { Avatar } from "../ui/avatar";
import { Ago, exact } from "../ui/time";
import { VisitorActions } from "../visitors/visitor-actions";
import { LanguageChoice, LocalTime, PreviousConversations, Tags } from "../words/visitor-words";
import type { Conversation } from "./documents";
import { closureWords } from "./state-label";
import css from "./visitor-panel.module.css";

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Only http addresses become links: a page's address comes from the visitor's browser and may be anything. */
function PageLink({ url }: { readonly url: string }) {
  const short = url.replace(/^https?:\/\//, "");
  if (!/^https?:\/\//.test(url)) return <>{short}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer nofollow">
      {short}
    </a>
  );
}

export function VisitorPanel({ conversation }: { readonly conversation: Conversation }) {
  const { visitor, handoff } = conversation;
  const several = useSeveralOrganizations();
  const name = visitorName(conversation);
  return (
    <div className={css.panel} data-testid="visitor-panel">
      <div className={css.head}>
        <Avatar name={name} />
        <h2 className={css.name}>{name}</h2>
      </div>
      <dl className={css.facts}>
        {visitor.name ? <Fact label="Name">{visitor.name}</Fact> : null}
        <Fact label="Email">{visitor.email ?? <span className={css.none}>Not given</span>}</Fact>
        {visitor.phone ? <Fact label="Phone">{visitor.phone}</Fact> : null}
        <Fact label="AI agent">{conversation.aiAgent.name}</Fact>
        {several && conversation.organization ? (
          <Fact label="Organization">{conversation.organization.name}</Fact>
        ) : null}
        <Fact label="Conversation started">
          <time dateTime={conversation.startedAt} title={exact(conversation.startedAt)}>
            {new Date(conversation.startedAt).toLocaleString(undefined, {
              dateStyle: "medium",
              timeStyle: "short",
            })}
          </time>
        </Fact>
        <Fact label="First seen">
          <Ago at={visitor.firstSeenAt} />
        </Fact>
        {visitor.pageUrl ? (
          <Fact label="Page">
            <PageLink url={visitor.pageUrl} />
          </Fact>
        ) : null}
        {visitor.referrer ? (
          <Fact label="Came from">
            <PageLink url={visitor.referrer} />
          </Fact>
        ) : null}
        {visitor.browser ? <Fact label="Browser">{visitor.browser}</Fact> : null}
        {visitor.timeZone ? (
          <Fact label="Their time">
            <LocalTime zone={visitor.timeZone} />
          </Fact>
        ) : null}
        <Fact label="Language">
          <LanguageChoice conversation={conversation} />
        </Fact>
        <Fact label="Tags">
          <Tags conversation={conversation} />
        </Fact>
      </dl>
      {handoff ? (
        <>
          <h3 className={css.section}>Request for a person</h3>
          <dl className={css.facts}>
            {handoff.reason ? <Fact label="Reason">{handoff.reason}</Fact> : null}
            <Fact label="Requested">
              <Ago at={handoff.requestedAt} />
            </Fact>
            {handoff.acceptedBy ? (
              <Fact label="Taken by">
                {handoff.acceptedBy.name}
                {handoff.acceptedAt ? (
                  <>
                    , <Ago at={handoff.acceptedAt} />
                  </>
                ) : null}
              </Fact>
            ) : null}
            {handoff.endedAt ? (
              <Fact label="Ended">
                <Ago at={handoff.endedAt} />
                {handoff.closedBecause ? `: ${closureWords(handoff.closedBecause)}` : ""}
              </Fact>
            ) : null}
          </dl>
          <HandoffSteps conversationId={conversation.id} version={conversation.version} />
          <WhoWasTold
            conversationId={conversation.id}
            organizationId={conversation.organization?.id ?? null}
          />
        </>
      ) : null}
      <EndingPanel conversation={conversation} />
      {visitor.attributes.length > 0 ? (
        <>
          <h3 className={css.section}>What the site says</h3>
          <dl className={css.facts} data-testid="attributes">
            {visitor.attributes.map((one) => (
              <Fact key={one.name} label={one.name}>
                {one.value}
              </Fact>
            ))}
          </dl>
        </>
      ) : null}
      <h3 className={css.section}>Other conversations</h3>
      <PreviousConversations conversation={conversation} />
      <VisitorActions conversationId={conversation.id} />
    </div>
  );
}
