import { attempt } from "./dom.js";
import { withDefaults } from "./options.js";
import { loadModule } from "./api.js";

const from = withDefaults({ ...document.currentScript?.dataset }).base;

/**
 * Load the recorder for a page that was opened with a link to record a path, and for the pages that follow in that tab.
 * The link's token leaves the address bar at once, so that analytics that load later do not see it.
 */
function loadRecorder() {
  const [address, token] = location.href.split(/[#?&]autoplay-record=/);
  if (token) history.replaceState(history.state, "", address);
  if (token || attempt(() => sessionStorage["rasa-autoplay-recorder"])) {
    loadModule(from, "recorder.mjs").then((it) => it.startRecorder({ token }));
  }
}
loadRecorder();
addEventListener("hashchange", loadRecorder);
