"use client";

import posthog from "posthog-js/dist/module.no-external";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";

type Autoplay = typeof import("./autoplay");
type Copilot = { createCopilot: Autoplay["createCopilot"]; rasaUrl: string; userId: string };

const CopilotContext = createContext<Copilot | null>(null);

/** The module and whose it is; null until it has come. */
export const useCopilot = () => useContext(CopilotContext);

/** Tells the Rasa server what the user does, and brings the copilot from there. */
export function CopilotProvider({ rasaUrl, user, children }: {
  rasaUrl: string;
  user: { id: string; email: string };
  children: ReactNode;
}) {
  const { id, email } = user;
  const [copilot, setCopilot] = useState<Copilot | null>(null);

  useEffect(() => {
    const base = `${rasaUrl}/webhooks/autoplay`;
    posthog.init("phc_demo", {
      api_host: `${base}/capture`,
      capture_pageview: "history_change",
      person_profiles: "identified_only",
      request_batching: false,
      autocapture: { css_selector_ignorelist: [".rasa-autoplay", '[class*="rw-"]'] },
      advanced_disable_flags: true,
      disable_external_dependency_loading: true,
      disable_session_recording: true,
      disable_surveys: true,
      opt_out_useragent_filter: true,
      bootstrap: { distinctID: id, isIdentifiedID: true },
    });
    posthog.identify(id, { email });
    posthog.register({ email });

    let isCurrent = true;
    const url = `${base}/autoplay.mjs`;
    import(/* webpackIgnore: true */ /* turbopackIgnore: true */ url).then(
      ({ createCopilot }: Autoplay) => isCurrent && setCopilot({ createCopilot, rasaUrl, userId: id }),
      (problem) => console.warn("There are no suggestions and no chat without the Rasa server.", problem),
    );
    return () => void (isCurrent = false);
  }, [rasaUrl, id, email]);

  return <CopilotContext value={copilot}>{children}</CopilotContext>;
}
