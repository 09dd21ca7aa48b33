/** Words that come from elsewhere on the page into the field of a conversation: a draft, for example. */
const fields = new Map<string, (text: string) => void>();

export function onInsert(conversationId: string, insert: (text: string) => void): () => void {
  fields.set(conversationId, insert);
  return () => {
    if (fields.get(conversationId) === insert) fields.delete(conversationId);
  };
}

/** False when there is no field: nobody may write there now. */
export function insertInto(conversationId: string, text: string): boolean {
  const insert = fields.get(conversationId);
  insert?.(text);
  return insert !== undefined;
}
