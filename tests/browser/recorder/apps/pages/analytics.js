// As a team would put it in: posthog-js sends to the Rasa server, and the copilot comes from there.
const base = document.currentScript.dataset.base;
const user = new URLSearchParams(location.search).get("user");
posthog.init("phc_app", {
  api_host: `${base}/capture`,
  advanced_disable_flags: true,
  disable_external_dependency_loading: true,
  disable_session_recording: true,
  disable_surveys: true,
  opt_out_useragent_filter: true,
  request_batching: false,
  disable_compression: true,
  persistence_name: `app-${user}`,
});
if (user) posthog.identify(user);
