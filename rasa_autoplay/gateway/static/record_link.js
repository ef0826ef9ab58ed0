import { attempt } from "./dom.js";
import { withDefaults } from "./options.js";
import { loadModule } from "./api.js";

const from = withDefaults({ ...document.currentScript?.dataset }).base;

/** What precedes the token, at the end of an address. */
const TOKEN = /[#?&]autoplay-record=/;

/**
 * Load the recorder for a page that was opened with a link to record a path, and for the pages that follow in that tab.
 * The link's token leaves the address bar at once, so that analytics that load later do not see it.
 *
 * @param opened - the token with which the page was opened: the app may have changed the address already.
 */
function loadRecorder(opened) {
  const [address, token] = location.href.split(TOKEN);
  if (token) history.replaceState(history.state, "", address);
  if (token || opened || attempt(() => sessionStorage["rasa-autoplay-recorder"])) {
    loadModule(from, "recorder.mjs").then((it) => it.startRecorder({ token, opened }));
  }
}
loadRecorder(attempt(() => performance.getEntries()[0].name.split(TOKEN)[1]));
addEventListener("hashchange", () => loadRecorder());
