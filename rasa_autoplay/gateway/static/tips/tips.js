import { attempt, make, onAbort } from "../dom.js";
import { addStyles } from "../styles.js";
import { paint } from "../theme.js";
import { tipText } from "./tip_texts.js";
import { TIPS_CSS } from "./tip_styles.js";
import { tipButton, tipItem, tipList, tipSection, tipSteps, tipTime } from "./tip_items.js";

/**
 * "My tips": a dialog with the user's live and past tips, and what the user has muted.
 *
 * A modal dialog of the browser keeps the focus, closes with Escape, gives the focus back, and lies above the host app's
 * own dialogs.
 *
 * @param options - the copilot's.
 * @param api - the server's routes.
 * @param context - `name` of the user's tabs, their `shared` state, `offers()` (see offers.js), and `signal`.
 * @returns `{open()}`, which resolves to true.
 */
export function createTips(options, api, { name, shared, offers, signal }) {
  const { texts } = options;
  const t = (key, value) => tipText(texts, key, value);
  const host = make("rasa-autoplay-tips", "ph-no-capture");
  const content = make("div");
  const status = make("p", "note");
  const heading = make("h2");
  const closing = tipButton("×", "close", () => dialog.close(), "close");
  const dialog = make("dialog", "", make("header", "", heading, closing), status, content);
  const channel = attempt(() => new BroadcastChannel(`rasa-autoplay-tips${name}`));
  let live = [];

  status.role = "status";
  heading.id = "title";
  dialog.setAttribute("aria-labelledby", "title");
  addStyles(host.attachShadow({ mode: "open" }), TIPS_CSS);
  host.shadowRoot.append(dialog);
  // The event comes late: the dialog may be open again.
  dialog.onclose = () => dialog.open || host.remove();
  dialog.onclick = ({ target }) => {
    if (target === dialog) dialog.close();
  };
  dialog.onkeydown = onKey;
  // Another tab has changed something.
  if (channel) channel.onmessage = () => dialog.open && ask();
  onAbort(signal, () => {
    channel?.close();
    host.remove();
  });

  function onKey(event) {
    const tip = event.target.localName !== "input" && !event.altKey && !event.ctrlKey && !event.metaKey && live[event.key - 1];
    if (tip) openTip(tip);
    else if (event.key === "F6") dialog.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async function open() {
    paint(dialog, options.theme);
    dialog.lang = texts.language || "en";
    dialog.dir = texts.direction || "ltr";
    heading.textContent = t("Title");
    closing.ariaLabel = texts.close;
    content.replaceChildren();
    // A dialog that is moved is modal no more.
    if (!dialog.open) {
      document.documentElement.append(host);
      dialog.showModal();
    }
    status.textContent = t("Loading");
    await ask();
    return true;
  }

  /** Ask for the list, after a change if there is one. */
  async function ask(change) {
    // The list may be older than an offer that comes meanwhile.
    const shown = shared.waiting()?.offer_id;
    const { status: code, data } = await api.ask("/tips", { ...change, url: location.href });
    if (!dialog.open) return;
    if (code !== 200 || !data?.tips) return fail(code, () => ask(change));
    if (change) channel?.postMessage(1);
    draw(data.tips, shown);
    status.textContent = change ? t("Saved") : "";
  }

  function fail(code, retry) {
    const key = code ? ([401, 403].includes(code) ? "SignIn" : "Failed") : "Offline";
    const again = tipButton(texts.retry, "retry", retry);
    status.replaceChildren(t(key), " ", ...(key === "SignIn" ? [] : [again]));
    if (again.isConnected) again.focus();
  }

  function draw(tips, shown) {
    live = tips.live;
    // Another tab, device or change may have answered the offer that this page shows.
    const current = shared.waiting();
    if (shown && current?.offer_id === shown && !current.ordered && !live.some(({ offer_id }) => offer_id === shown)) {
      shared.update({ ...shared.get(), sent: ["closed"] });
      offers().then((it) => it?.render());
    }
    const key = host.shadowRoot.activeElement?.dataset.key;
    const isMuted = (topic) => tips.muted.some((it) => it.topic === topic);
    const muteButton = ({ topic }, place) => {
      const change = isMuted(topic) ? "unmute" : "mute";
      return tipButton(t(change === "mute" ? "Mute" : "Unmute"), `${place} ${topic}`, () => ask({ change, topic }));
    };
    const liveItems = live.map((tip, index) => {
      const button = tipButton(t("Open"), tip.offer_id, () => openTip(tip), "main");
      button.setAttribute("aria-keyshortcuts", index + 1);
      return tipItem(tip.body, "", [button, muteButton(tip, tip.offer_id + 1)]);
    });
    const pastItems = tips.past.map((tip) => {
      const known = tip.tours.map((id) => [id, tips.tours[id]]).filter(([, tour]) => tour);
      const restarts = known.filter(([, tour]) => tour.starts === "here");
      const buttons = restarts.map(([id], index) => tipButton(t("Again"), tip.offer_id + index, () => restart(id)));
      const steps = known.map(([, tour]) => tipSteps(t("Steps"), tour.steps));
      return tipItem(tip.body, `${time(tip.at)} · ${t(`Became_${tip.became}`)}`, [...buttons, muteButton(tip, tip.offer_id)], ...steps);
    });
    const mutedItems = tips.muted.map((topic) => tipItem(topic.title, "", [muteButton(topic, "muted")]));
    content.replaceChildren(
      ...tipSection(t("Live"), tipList(liveItems)),
      ...tipSection(t("Past"), tipList(pastItems)),
      ...(live.length || tips.past.length ? [] : [make("p", "", t("Empty"))]),
      ...tipSection(t("Muted"), tipList(mutedItems)),
      ...tipSection(t("All"), ...muteAll(tips.everything)),
      ...tipSection(t("Quiet"), quietHours(tips.quiet_hours)),
    );
    const buttons = [...content.querySelectorAll("button")];
    (buttons.find((it) => it.dataset.key === key) || (live.length && buttons[0]) || closing).focus();
  }

  const time = (at) =>
    new Intl.DateTimeFormat(texts.language || "en", { dateStyle: "medium", timeStyle: "short" }).format(at * 1000);

  function muteAll(everything) {
    if (everything) {
      const text = everything.until ? t("Until", time(everything.until)) : t("AllMuted");
      const unmute = tipButton(t("Unmute"), "all", () => ask({ change: "unmute_all" }));
      return [make("p", "", text), make("div", "row", unmute)];
    }
    const button = (key, seconds) =>
      tipButton(t(key), key === "Hour" ? "all" : key, () => ask({ change: "mute_all", for_s: seconds() }));
    const untilMorning = () => (new Date().setHours(30, 0, 0, 0) - Date.now()) / 1000;
    return [make("div", "row", button("Hour", () => 3600), button("Tomorrow", untilMorning), button("Always", () => 0))];
  }

  function quietHours(hours) {
    const [from, begins] = tipTime(t("From"), hours?.from || "22:00");
    const [to, ends] = tipTime(t("To"), hours?.to || "07:00");
    const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions();
    const save = () => {
      if (begins.value && ends.value) ask({ change: "quiet_hours", from: begins.value, to: ends.value, zone });
    };
    const remove = hours && tipButton(t("Remove"), "remove", () => ask({ change: "no_quiet_hours" }));
    return make("div", "row", from, to, tipButton(t("Save"), "save", save), ...(remove ? [remove] : []));
  }

  /** Show a live tip as a card again. */
  async function openTip(tip) {
    dialog.close();
    (await offers())?.open(tip);
  }

  /** Start the tour of a past tip. */
  async function restart(tourId) {
    const { status: code, data } = await api.ask("/tips/tour", { tour_id: tourId });
    if (code !== 200 || !data?.offer) return fail(code, () => restart(tourId));
    dialog.close();
    const isShown = await (await offers())?.showTour(data.offer.tours[0], data.offer);
    if (isShown || signal.aborted) return;
    await open();
    status.textContent = t("Failed");
  }

  return { open };
}
