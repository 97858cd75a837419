import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Calls `onChange` when a file's text has changed; gives what ends the watch. Editors replace files, so its folder is watched. */
export async function watchText(path: string, onChange: () => void): Promise<() => void> {
  const read = () => readFile(path, "utf8").catch(() => "");
  let known = await read();
  const look = async () => {
    const text = await read();
    if (text === known) return;
    known = text;
    onChange();
  };
  const watcher = watch(dirname(path), (_, name) => {
    if (name === basename(path)) void look();
  });
  return () => watcher.close();
}
