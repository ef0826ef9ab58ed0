// Shows the sessions that fit the filter; without this script, all of them are shown.
(() => {
  "use strict";
  const form = document.getElementById("filter");
  const count = document.getElementById("count");
  const sessions = [...document.querySelectorAll(".session")];

  const unshown = document.getElementById("unshown");
  const others = unshown ? JSON.parse(unshown.textContent) : [];
  const MOST = 50;

  const words = (session, name) => session.dataset[name].split(" ").filter(Boolean);

  function fits(session, { trigger, user, kinds }) {
    return (
      (!trigger || words(session, "triggers").includes(trigger)) &&
      (!user || session.dataset.user.toLowerCase().includes(user)) &&
      (!kinds.length || kinds.some((kind) => words(session, "kinds").includes(kind)))
    );
  }

  function apply() {
    const data = new FormData(form);
    const wish = {
      trigger: data.get("trigger"),
      user: data.get("user").trim().toLowerCase(),
      kinds: data.getAll("kind"),
    };
    let shown = 0;
    for (const session of sessions) {
      session.hidden = !fits(session, wish);
      shown += session.hidden ? 0 : 1;
      for (const entry of session.querySelectorAll(".entry")) {
        entry.classList.toggle("aside", Boolean(wish.trigger) && entry.dataset.trigger !== wish.trigger);
      }
    }
    count.value = `${shown} of ${sessions.length} sessions${listOthers(wish.user)}`;
  }

  // The sessions that are not shown in full are found by their user only.
  function listOthers(user) {
    if (!others.length) return "";
    const found = user ? others.filter(([name]) => name.toLowerCase().includes(user)) : [];
    const place = document.getElementById("others");
    place.hidden = !found.length;
    const items = found.slice(0, MOST).map(([name, session, began, actions]) => {
      const item = document.createElement("li");
      item.textContent = `${name} · ${began} · ${actions} ${actions === 1 ? "action" : "actions"} · ${session}`;
      return item;
    });
    if (found.length > MOST) {
      const more = document.createElement("li");
      more.textContent = `… and ${found.length - MOST} more`;
      items.push(more);
    }
    place.querySelector("ul").replaceChildren(...items);
    return found.length ? `, and ${found.length} that are not shown in full` : "";
  }

  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
