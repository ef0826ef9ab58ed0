// The script as an ES module, with a chat widget of one's own and a token that is renewed.
import { createCopilot } from "/webhooks/autoplay/autoplay.mjs";

let tokens = 0;
window.opened = 0;
window.visibility = [];
window.resets = 0;
window.copilot = createCopilot({
  userId: "u1",
  token: async () => `t${(tokens += 1)}`,
  chat: {
    isOpen: () => window.opened > 0,
    open: () => (window.opened += 1),
    sessionId: () => "own-session",
    reset: () => (window.resets += 1),
    setVisible: (isVisible) => window.visibility.push(isVisible),
  },
});
