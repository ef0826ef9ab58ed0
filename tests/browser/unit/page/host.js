// A host app: a menu that opens late and elsewhere in the document, a toolbar, and a chat widget.
const log = (what) => (document.querySelector("#log").textContent += `${what};`);
const options = document.querySelector("#options");

function openMenu() {
  const menu = document.createElement("div");
  menu.id = "menu";
  menu.setAttribute("role", "menu");
  const toggle = document.createElement("button");
  toggle.id = "toggle";
  toggle.textContent = "Bulk edit";
  toggle.addEventListener("click", (event) => {
    event.stopPropagation();
    menu.remove();
    log("bulk");
  });
  menu.append(toggle);
  document.body.append(menu);
  options.setAttribute("aria-expanded", "true");
}

options.addEventListener("click", () => {
  log("options");
  setTimeout(openMenu, window.menuDelay ?? 300);
});

// Stands in for the chat widget: a launcher, a window in which one can write, and a session that comes late where
// `sessionDelay` says so.
function mountChat() {
  const widget = document.createElement("section");
  widget.className = "rw-widget-container";
  const launcher = document.createElement("button");
  launcher.className = "rw-launcher";
  launcher.setAttribute("aria-label", "Chat");
  launcher.addEventListener("click", () => {
    widget.classList.toggle("rw-chat-open");
    log("chat");
    const shown = widget.querySelector(".rw-conversation-container");
    if (shown) return shown.remove();
    const conversation = document.createElement("div");
    conversation.className = "rw-conversation-container";
    conversation.append(form());
    widget.prepend(conversation);
  });
  const said = document.createElement("p");
  said.id = "said";
  // As React does it: what was typed is known from events, not from the element.
  const form = () => {
    const form = document.createElement("form");
    const input = document.createElement("textarea");
    input.className = "rw-new-message";
    let typed = "";
    input.addEventListener("input", () => (typed = input.value));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      said.append(`${typed};`);
    });
    form.append(input);
    return form;
  };
  widget.append(launcher, said);
  document.body.append(widget);
  const session = { session_id: `chat-${Math.random()}` };
  const begin = () => localStorage.getItem("chat_session") || localStorage.setItem("chat_session", JSON.stringify(session));
  setTimeout(begin, window.sessionDelay ?? 20);
}

if (!new URLSearchParams(location.search).has("nochat")) mountChat();
