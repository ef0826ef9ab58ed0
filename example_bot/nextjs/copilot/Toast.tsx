"use client";

import { useEffect } from "react";
import { useCopilot } from "./CopilotProvider";

/** Shows the offers to this user, and runs their tours. */
export function Toast() {
  const copilot = useCopilot();

  useEffect(() => {
    if (!copilot) return;
    const { destroy } = copilot.createCopilot({ userId: copilot.userId });
    return destroy;
  }, [copilot]);

  return null;
}
