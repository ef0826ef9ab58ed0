import { attempt } from "./dom.js";
import { withDefaults } from "./options.js";
import { loadModule } from "./api.js";

const from = withDefaults({ ...document.currentScript?.dataset }).base;
const TOKEN = /[#?&]autoplay-record=/;

/**
 * Load the recorder for a page that was opened with a link to record a path, and for the pages that follow in that tab.
 * The link's token leaves the address bar at once, so that analytics that load later do not see it. An app may have
 * removed it before this script runs; then recorder.js reads it from the browser's record of the navigation.
 */
function loadRecorder() {
  const [address, token] = location.href.split(TOKEN);
  if (token) history.replaceState(history.state, "", address);
  if (token || TOKEN.test(performance.getEntries()[0]?.name) || attempt(() => sessionStorage["rasa-autoplay-recorder"])) {
    loadModule(from, "recorder.mjs").then((it) => it.startRecorder({ token }));
  }
}
loadRecorder();
addEventListener("hashchange", loadRecorder);
