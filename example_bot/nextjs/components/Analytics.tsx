"use client";

import posthog from "posthog-js/dist/module.no-external";
import { useEffect } from "react";

/** Tells the Rasa server what the user does. */
export function Analytics({ base, id, email }: { base: string; id: string; email: string }) {
  useEffect(() => {
    posthog.init("phc_demo", {
      api_host: `${base}/capture`,
      capture_pageview: "history_change",
      person_profiles: "identified_only",
      request_batching: false,
      disable_compression: true,
      advanced_disable_flags: true,
      autocapture: { css_selector_ignorelist: [".rasa-autoplay", '[class*="rw-"]'] },
      disable_external_dependency_loading: true,
      disable_session_recording: true,
      disable_surveys: true,
      opt_out_useragent_filter: true,
      bootstrap: { distinctID: id, isIdentifiedID: true },
    });
    posthog.identify(id, { email });
    posthog.register({ email });
  }, [base, id, email]);

  return null;
}
