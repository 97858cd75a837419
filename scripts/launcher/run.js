/**
 * Where the npm scripts begin. Plain JavaScript, so that one line can say what is missing where Node is too old to
 * run TypeScript, or the packages are not installed.
 */
import { existsSync } from "node:fs";

const COMMANDS = {
  start: () => import("../start.ts"),
  demo: () => import("../demo.ts"),
  key: () => import("../create-key.ts"),
};

/** Node runs TypeScript by itself from here on; wrangler is content with any 22. */
const OLDEST_NODE = [22, 18];

const command = COMMANDS[process.argv[2]];
const obstacle = findObstacle();
if (obstacle === undefined) {
  process.argv.splice(2, 1);
  await command();
} else {
  console.error(obstacle);
  process.exitCode = 1;
}

function findObstacle() {
  if (command === undefined) return `Say one of: ${Object.keys(COMMANDS).join(", ")}.`;
  if (!existsSync(new URL("../../node_modules/wrangler/package.json", import.meta.url)))
    return "The packages are not installed: run 'npm ci' first.";
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (!isOld) return undefined;
  const found = `This needs Node ${OLDEST_NODE.join(".")} or newer, and runs on ${process.versions.node}`;
  return `${found}: start it through npm (which brings one on Linux), or install a newer Node.`;
}
