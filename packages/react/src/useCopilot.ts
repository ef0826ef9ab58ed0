"use client";

import { useMemo, useSyncExternalStore } from "react";
import type { CopilotState } from "./connection.js";
import { useProvided } from "./CopilotProvider.js";

/** The copilot, or why there is none: `status` tells which. */
export type UseCopilot = CopilotState & {
  /** Load the script again now, after an error. The copilot also tries again by itself. */
  retry(): void;
};

/**
 * The copilot of the surrounding {@link CopilotProvider}: starts tours, signs out, and says why there is none.
 *
 * @throws outside of a provider.
 */
export function useCopilot(): UseCopilot {
  const { connection } = useProvided("useCopilot()");
  const { subscribe, get, initial } = connection.state;
  const state = useSyncExternalStore(subscribe, get, () => initial);
  return useMemo(() => ({ ...state, retry: connection.retry }), [state, connection]);
}
