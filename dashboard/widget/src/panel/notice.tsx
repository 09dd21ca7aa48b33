import type { State } from "../store";
import { type Child, h } from "./dom";
import { texts } from "./texts";

/** A short interruption is nobody's business. */
const PATIENCE = 2_500;

/** One line about what is wrong, if anything is. */
export function createNotice(redraw: () => void): (state: State) => Child {
  let downSince = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const words = ({ config, line, problem, proving }: State): string | null => {
    if (line === "refused" || !config.available) return texts.unavailable;
    if (!("WebSocket" in window)) return texts.unable;
    if (line === "down" && Date.now() - downSince >= PATIENCE) return texts.reconnecting;
    if (problem === "offline") return texts.noConnection;
    if (problem !== null) return problem === "refused" ? texts.notNow : problem;
    return proving ? texts.proving : null;
  };

  return (state) => {
    if (state.line === "up") {
      clearTimeout(timer);
      downSince = 0;
    } else if (state.line === "down" && downSince === 0) {
      downSince = Date.now();
      timer = setTimeout(redraw, PATIENCE);
    }
    const said = words(state);
    return (
      <div role="status" class={said === null ? "hidden" : "notice"}>
        {said}
      </div>
    );
  };
}
