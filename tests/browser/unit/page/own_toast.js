// A host app that shows offers in a toast of its own. `data-*` attributes of a tag come as the page's query.
const given = JSON.parse(new URLSearchParams(location.search).get("tag") || "{}");
const camelCase = (name) => name.replace("data-", "").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const read = ([name, text]) => [camelCase(name), name === "data-user-id" ? text : JSON.parse(text)];
const place = document.querySelector("#toast");
const button = (label, press) => {
  const made = document.createElement("button");
  made.textContent = label;
  made.onclick = press;
  return made;
};

window.shown = [];
window.copilot = rasaAutoplay.createCopilot({
  ...Object.fromEntries(Object.entries(given).map(read)),
  chat: window.ownChat,
  toast: {
    show(offer, actions) {
      window.shown.push({ ...offer, ...actions });
      const text = document.createElement("div");
      actions.showText(text);
      const quiet = [
        actions.snooze && button(offer.texts.later, actions.snooze),
        actions.never && button(offer.texts.never, actions.never),
        button("×", actions.dismiss),
      ];
      place.dataset.kind = offer.kind;
      place.replaceChildren(text, ...offer.buttons.map(({ label, press }) => button(label, press)), ...quiet.filter(Boolean));
      if (!window.isForgetful) actions.attach(place);
    },
    hide() {
      place.replaceChildren();
      delete place.dataset.kind;
    },
  },
});
