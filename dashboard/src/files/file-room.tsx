import { useAsk } from "../api/use-ask";
import { Section } from "../ui/page";
import { FileRoomQuery } from "./documents";
import css from "./files.module.css";

/** How much of its room an organization's files take. Who may not see it sees no section. */
export function FileRoom({ organizationId }: { readonly organizationId: string }) {
  const { data } = useAsk(FileRoomQuery, { id: organizationId });
  const room = data?.organization?.fileRoom;
  if (!room) return null;
  const share = Math.min(1, room.usedMegabytes / room.quotaMegabytes);
  const full = share >= 0.9;
  return (
    <Section id="files" title="Files" text="What visitors and operators have sent each other.">
      <div className={css.room} data-testid="file-room">
        <progress
          className={css.roomBar}
          data-full={full || undefined}
          value={share}
          max={1}
          aria-label="Room used"
        />
        <span>
          {room.usedMegabytes} MB of {room.quotaMegabytes} MB
        </span>
        {full ? (
          <span role="status">{share >= 1 ? "There is no room left." : "There is little room left."}</span>
        ) : null}
      </div>
    </Section>
  );
}
