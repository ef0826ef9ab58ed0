// rasa-webchat is one script with a React of its own: it is served as it is, from this app's own origin, and not
// bundled with the React of the app.
import { copyFile, mkdir } from "node:fs/promises";

const app = new URL("..", import.meta.url);
await mkdir(new URL("public/vendor/", app), { recursive: true });
await copyFile(new URL("node_modules/rasa-webchat/lib/index.js", app), new URL("public/vendor/rasa-webchat.js", app));
