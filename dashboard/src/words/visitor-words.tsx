import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import type { Conversation } from "../conversations/documents";
import { CloseIcon } from "../ui/icons";
import { Select } from "../ui/select";
import { Ago, useNow } from "../ui/time";
import { toast } from "../ui/toast";
import { LanguageMutation, PreviousQuery, TagMutation, TagsQuery } from "./documents";
import { languageName, localTime } from "./local";
import css from "./words.module.css";

const say = (thrown: unknown) => toast(sentence(toApiError(thrown)));

/** What time it is where the visitor is, as far as their browser says. */
export function LocalTime({ zone }: { readonly zone: string }) {
  const now = useNow(15_000);
  const time = localTime(zone, now);
  return (
    <>
      {time ? `${time} · ` : ""}
      {zone.replaceAll("_", " ")}
    </>
  );
}

/** Tags: those there are, with a field that suggests what others use. */
export function Tags({ conversation }: { readonly conversation: Conversation }) {
  const [text, setText] = useState("");
  const { data } = useAsk(
    TagsQuery,
    { organizationId: conversation.organization?.id ?? null },
    { pause: !conversation.canNote, of: ["ConversationTag"] },
  );
  const known = (data?.conversationTags ?? []).filter((one) => !conversation.tags.includes(one.tag));
  const put = (change_: { readonly add?: string[]; readonly remove?: string[] }) =>
    change(TagMutation, { id: conversation.id, ...change_ }).catch(say);
  return (
    <div data-testid="tags">
      <ul className={css.tags} aria-label="Tags">
        {conversation.tags.map((tag) => (
          <li key={tag}>
            {tag}
            {conversation.canNote ? (
              <button
                type="button"
                aria-label={`Remove the tag ${tag}`}
                onClick={() => put({ remove: [tag] })}
              >
                <CloseIcon size={11} />
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {conversation.canNote ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const tag = text.trim();
            if (tag === "") return;
            setText("");
            void put({ add: [tag] });
          }}
        >
          <input
            className={css.tagField}
            aria-label="Add a tag"
            placeholder="Add a tag"
            maxLength={40}
            list="known-tags"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <datalist id="known-tags">
            {known.map((one) => (
              <option key={one.tag} value={one.tag} />
            ))}
          </datalist>
        </form>
      ) : conversation.tags.length === 0 ? (
        <span className={css.hint}>None</span>
      ) : null}
    </div>
  );
}

const offered = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ar", "ja", "zh"];

export function LanguageChoice({ conversation }: { readonly conversation: Conversation }) {
  const { language } = conversation;
  if (!conversation.canNote) return <>{language ? languageName(language) : "Not known"}</>;
  const codes = language && !offered.includes(language) ? [language, ...offered] : offered;
  return (
    <Select
      label="Language"
      inline
      value={language ?? ""}
      onChange={(value) => {
        change(LanguageMutation, { id: conversation.id, language: value || null }).catch(say);
      }}
      options={[
        { value: "", label: "Not known" },
        ...codes.map((code) => ({ value: code, label: languageName(code) })),
      ]}
    />
  );
}

/** What else the same visitor has talked about. */
export function PreviousConversations({ conversation }: { readonly conversation: Conversation }) {
  const { data } = useAsk(PreviousQuery, { id: conversation.id });
  const previous = data?.conversation.previousConversations ?? [];
  if (previous.length === 0) return <p className={css.hint}>This is the first one.</p>;
  return (
    <ul className={css.previous} data-testid="previous-conversations">
      {previous.map((one) => (
        <li key={one.id}>
          <Link to="/conversations/$id" params={{ id: one.id }} search={{}}>
            {one.contentVisible ? (one.preview ?? "No message") : "With a colleague"}
          </Link>
          <small>
            {one.aiAgent.name} · <Ago at={one.lastActivityAt} />
          </small>
        </li>
      ))}
    </ul>
  );
}
