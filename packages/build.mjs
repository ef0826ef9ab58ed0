// Builds the packages: `node build.mjs`, after `npm ci` in this folder.
//
// A package is made of three folders that its modules see as one: its own `src`, `common`, and the folder of the script's
// types. TypeScript compiles each file by itself, so what it has written is only put together here.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const root = join(here, "..");
const types = join("rasa_autoplay", "gateway", "static", "autoplay.d.ts");

for (const name of ["react", "vue"]) {
  const folder = join(here, name);
  const [built, dist] = [join(folder, "build"), join(folder, "dist")];
  for (const old of [built, dist]) rmSync(old, { recursive: true, force: true });
  execFileSync(process.execPath, [join(here, "node_modules", "typescript", "bin", "tsc"), "-p", folder], { stdio: "inherit" });
  for (const part of [join("packages", "common"), join("packages", name, "src")]) {
    cpSync(join(built, part), dist, { recursive: true, errorOnExist: true, force: false });
  }
  cpSync(join(root, types), join(dist, "autoplay.d.ts"));
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  rmSync(built, { recursive: true });
  console.log(`${name}: ${readdirSync(dist).length} files in ${dist}`);
}
