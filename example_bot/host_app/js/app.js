// The host app: two pages, reached by pushState, and what watches them.

import { identify, startAnalytics } from "./analytics.js";
import { dashboardPage } from "./dashboard_page.js";
import { byId } from "./dom.js";
import { setUpEditDialog } from "./edit_dialog.js";
import { startHelp, switchHelp } from "./help.js";
import { projectsPage } from "./projects_page.js";
import { allProjects } from "./store.js";
import { currentUser, showUser } from "./user.js";

// Where this app is served; a proxy may put a prefix before it.
const BASE = new URL("..", import.meta.url).pathname;
const PAGES = {
  projects: { title: "Projects", make: projectsPage },
  dashboard: { title: "Dashboard", make: dashboardPage },
};

function pageName() {
  const name = location.pathname.slice(BASE.length).split("/")[0];
  return Object.hasOwn(PAGES, name) ? name : "projects";
}

let shown = "";

function show() {
  const name = pageName();
  if (name === shown) return; // only the address' other parts have changed
  shown = name;
  const { title, make } = PAGES[name];
  document.title = `${title} · Fernway`;
  byId("page").replaceChildren(make());
  for (const link of document.querySelectorAll("[data-page]")) {
    if (link.dataset.page === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function navigate(event) {
  const link = event.target.closest?.("a[data-page]");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.dataset.page === shown) return;
  history.pushState(null, "", link.pathname + location.search);
  show();
  window.scrollTo(0, 0);
  byId("main").focus({ preventScroll: true });
}

function start() {
  const user = currentUser();
  // The address names the page before anybody reports it.
  history.replaceState(null, "", `${BASE}${pageName()}${location.search}${location.hash}`);
  byId("nav-count").textContent = allProjects().length;
  byId("today").textContent = new Date().toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  showUser(user, signIn);
  setUpEditDialog();
  show();
  document.addEventListener("click", navigate);
  window.addEventListener("popstate", show);

  if (window.posthog?.init) {
    startAnalytics(user);
    startHelp(user).catch(warn);
  } else {
    warn(new Error("The browser libraries are missing."));
  }
}

/** Somebody else signs in, without a page load. */
function signIn(user) {
  window.posthog.reset();
  identify(user);
  showUser(user, signIn);
  switchHelp(user);
}

function warn(problem) {
  const notice = byId("notice");
  notice.textContent = `${problem.message} Without them there is no toast, tour or chat: run “make web”, then load the page again.`;
  notice.hidden = false;
}

start();
