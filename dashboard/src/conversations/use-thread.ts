import { useEffect, useMemo } from "react";
import { useStore } from "../api/store";
import { type ThreadController, type ThreadView, threadController } from "./thread-controller";

/** Follows one conversation while the component stands. */
export function useThread(id: string): ThreadView & { readonly controller: ThreadController } {
  const controller = useMemo(() => threadController(id), [id]);
  useEffect(() => controller.open(), [controller]);
  const view = useStore(controller.store);
  return { ...view, controller };
}
