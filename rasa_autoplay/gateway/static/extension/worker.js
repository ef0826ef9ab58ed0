// The extension's service worker: starts the recorder in a tab that was opened with a recorder's link.

const BASE = new URL(".", chrome.runtime.getManifest().homepage_url).href;
const NO_LINK = "Open a link of “Record a path” in this tab first: from the studio, or from rasa-autoplay record --live";

/** Take the link's token out of the page's address. Returns it; null if this tab records already, "" if it does not. */
function takeToken() {
  const [address, token] = location.href.split(/[#?&]autoplay-record=/);
  if (token) history.replaceState(history.state, "", address);
  return token || (sessionStorage["rasa-autoplay-recorder"] ? null : "");
}

async function start(tabId) {
  const target = { tabId };
  const [{ result: token }] = await chrome.scripting.executeScript({ target, func: takeToken });
  const isOn = token !== "";
  if (isOn) {
    // Both run apart from the page's own scripts, so its Content-Security-Policy does not apply.
    await chrome.scripting.executeScript({ target, files: ["recorder.js"] });
    await chrome.scripting.executeScript({ target, func: (base, token) => void startRecorder({ base, token }), args: [BASE, token] });
    await chrome.storage.session.set({ [tabId]: true });
  } else await chrome.storage.session.remove(String(tabId));
  await chrome.action.setBadgeText({ tabId, text: isOn ? "rec" : "?" });
  await chrome.action.setTitle({ tabId, title: isOn ? "Recording" : NO_LINK });
}

chrome.action.onClicked.addListener(({ id }) => start(id));

// Pages that follow in the tab: a click's permission lasts until the tab leaves the site.
chrome.tabs.onUpdated.addListener(async (tabId, { status }) => {
  if (status !== "complete" || !(await chrome.storage.session.get(String(tabId)))[tabId]) return;
  await start(tabId).catch(() => chrome.storage.session.remove(String(tabId)));
});
