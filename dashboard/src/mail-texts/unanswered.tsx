import type { Asked } from "../api/use-ask";
import { useAgencyObject } from "../settings/reach";
import { Trouble } from "../ui/refusal";
import { RowSkeletons } from "../ui/states";

/** What stands where mail texts will, or why there are none. */
export function Unanswered({ asked }: { readonly asked: Asked<unknown> }) {
  const object = useAgencyObject();
  if (asked.data) return null;
  if (!asked.error) return <RowSkeletons />;
  return (
    <Trouble
      error={asked.error}
      retry={asked.again}
      permission="sender.manage"
      objectId={object}
      what="Choosing what mails say"
    />
  );
}
