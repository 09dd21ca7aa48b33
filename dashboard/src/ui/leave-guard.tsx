import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "./confirm";

/** Asks before a form is left in which something was typed and not saved: by a link, by going back, by closing the tab. */
export function LeaveGuard({ changed }: { readonly changed: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: () => changed,
    enableBeforeUnload: () => changed,
    withResolver: true,
  });
  return (
    <Confirm
      opened={blocker.status === "blocked"}
      title="Leave without saving?"
      action="Leave"
      onConfirm={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    >
      What you changed is lost.
    </Confirm>
  );
}
