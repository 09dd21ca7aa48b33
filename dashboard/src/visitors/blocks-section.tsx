import { Button } from "@mantine/core";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useAsk } from "../api/use-ask";
import { Section } from "../ui/page";
import { Failed } from "../ui/states";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import { BlocksQuery, LiftBlockMutation } from "./documents";
import css from "./visitors.module.css";

/** Of whom nothing is taken in an organization. Whoever may not look sees nothing of it. */
export function BlocksSection({ organizationId }: { readonly organizationId: string }) {
  const { data, error, again } = useAsk(BlocksQuery, { organizationId });
  if (error?.code === "FORBIDDEN") return null;
  const lift = async (blockId: string) => {
    try {
      await change(LiftBlockMutation, { blockId });
      again();
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  const blocks = data?.blocks.nodes ?? [];
  return (
    <Section id="blocks" title="Blocked visitors" text="Nothing is taken of them, and they are not told why.">
      {error ? <Failed error={error} retry={again} /> : null}
      {data && blocks.length === 0 ? <p className={css.dim}>Nobody is blocked.</p> : null}
      <ul className={css.blocks}>
        {blocks.map((block) => (
          <li key={block.id} className={css.block}>
            <div>
              <strong>{block.network ?? block.visitorName ?? "Anonymous visitor"}</strong>
              <p className={css.dim}>
                {block.reason}. {block.createdBy.name}, <Ago at={block.createdAt} />
              </p>
            </div>
            <Button size="xs" variant="default" onClick={() => void lift(block.id)}>
              Lift
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
