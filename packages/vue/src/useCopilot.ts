import { computed, type ComputedRef } from "vue";
import type { Copilot } from "./autoplay.js";
import type { CopilotState } from "./connection.js";
import type { CopilotError } from "./copilot_error.js";
import { observed } from "./observed.js";
import { useProvided } from "./provided.js";

/** The copilot, or why there is none. */
export interface UseCopilot {
  /** "signed-out", "loading", "ready" or "failed". */
  status: ComputedRef<CopilotState["status"]>;
  /** The copilot, once it is ready. */
  copilot: ComputedRef<Copilot | null>;
  /** Why there is none. */
  error: ComputedRef<CopilotError | null>;
  /** Load the script again now, after an error. The copilot also tries again by itself. */
  retry(): void;
}

/**
 * The copilot of the plugin or of the surrounding {@link CopilotProvider}: starts tours, signs out, and says why there is none.
 *
 * @throws where there is neither.
 */
export function useCopilot(): UseCopilot {
  const { connection } = useProvided("useCopilot()");
  const state = observed(connection.state);
  return {
    status: computed(() => state.value.status),
    copilot: computed(() => state.value.copilot),
    error: computed(() => state.value.error),
    retry: connection.retry,
  };
}
