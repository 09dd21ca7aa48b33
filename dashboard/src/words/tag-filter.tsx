import { useAsk } from "../api/use-ask";
import { Select } from "../ui/select";
import { TagsQuery } from "./documents";

/** Narrows the list to one tag; absent as long as nothing is filed under any. */
export function TagFilter(props: {
  readonly organizationId: string | null;
  readonly tag: string | null;
  readonly onChange: (tag: string | null) => void;
}) {
  const { tag } = props;
  const { data } = useAsk(TagsQuery, { organizationId: props.organizationId }, { of: ["ConversationTag"] });
  const tags = data?.conversationTags ?? [];
  if (tags.length === 0 && tag === null) return null;
  return (
    <Select
      label="Tag"
      inline
      value={tag ?? ""}
      onChange={(value) => props.onChange(value || null)}
      options={[
        { value: "", label: "Any tag" },
        ...tags.map((one) => ({ value: one.tag, label: `${one.tag} (${one.conversations})` })),
        ...(tag !== null && !tags.some((one) => one.tag === tag) ? [{ value: tag, label: tag }] : []),
      ]}
    />
  );
}
