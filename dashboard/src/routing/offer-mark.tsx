import type { Row } from "../conversations/documents";
import { useViewer } from "../shell/scope";
import { Badge } from "../ui/badge";
import { useNow } from "../ui/time";
import { isForOther } from "./offer";
import css from "./routing.module.css";

/** To whom a waiting request is offered, and which team it is for. */
export function OfferMark({ handoff }: { readonly handoff: Row["handoff"] }) {
  const { user } = useViewer();
  const now = useNow();
  if (!handoff) return null;
  const until = handoff.offeredUntil ? Date.parse(handoff.offeredUntil) : null;
  const running = handoff.offeredTo !== null && (until === null || until > now);
  if (!running && !handoff.team) return null;
  const left = until === null ? null : Math.max(0, Math.ceil((until - now) / 1000));
  return (
    <div className={css.marks} data-testid="offer-mark">
      {handoff.team ? <Badge title="The team that this request is for">{handoff.team.name}</Badge> : null}
      {running ? (
        <Badge title="As long as it is offered to one person, nobody else can accept it">
          {isForOther(handoff, user.id, now) ? `Offered to ${handoff.offeredTo?.name}` : "Offered to you"}
          {left === null ? "" : ` · ${left} s`}
        </Badge>
      ) : null}
    </div>
  );
}
