// posthog-js, pointed at the Rasa server: this is all that the copilot needs to know what happens here.

/** Start capturing for a user. */
export function startAnalytics(user) {
  const { posthog } = window;
  posthog.init("phc_demo", {
    api_host: new URL("../../capture", import.meta.url).href,
    // Events go out at once, and before the user has left the page.
    request_batching: false,
    disable_compression: true,
    advanced_disable_flags: true,
    person_profiles: "identified_only",
    capture_pageview: "history_change",
    capture_pageleave: true,
    // Each page load is a visit of its own, so that the story can be told again in a fresh tab. A user whom the
    // address names keeps a session over page loads and tabs, as in a real app.
    persistence: user.isNamed ? "localStorage" : "memory",
    persistence_name: `fernway-${user.id}`,
    bootstrap: { distinctID: user.id, isIdentifiedID: true },
    autocapture: {
      // The copilot's own interface, the chat's and the tour's are no part of this app.
      css_selector_ignorelist: [".rasa-autoplay", '[class^="rw-"]', '[class*=" rw-"]'],
    },
    // Nothing is asked of other hosts.
    disable_external_dependency_loading: true,
    disable_session_recording: true,
    disable_surveys: true,
    // Browsers that are driven by a test are captured as well.
    opt_out_useragent_filter: true,
  });
  identify(user);
}

/** Say whose events follow. */
export function identify(user) {
  window.posthog.identify(user.id, { email: user.email, name: user.name });
  // Identifying alone would leave the address out of the events.
  window.posthog.register({ email: user.email });
}
