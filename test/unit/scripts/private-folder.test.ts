import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makePrivateFolder } from "../../../scripts/launcher/private-folder.ts";

describe("a state folder", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "headrace-private-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const modeOf = async (name: string) => ((await stat(join(folder, name))).mode & 0o777).toString(8);

  it("is for its owner alone where it is made", async () => {
    await makePrivateFolder(join(folder, "new/state"));
    expect(await modeOf("new/state")).toBe("700");
  });

  it("is closed where others could read it, and nothing but the gateway's own with it", async () => {
    const state = join(folder, "state");
    await mkdir(join(state, "v3/kv"), { recursive: true });
    for (const name of ["v3/kv/stored", "gateway.json", "mine"]) await writeFile(join(state, name), "");
    await symlink(join(state, "mine"), join(state, "v3/link"));
    for (const name of ["v3/kv/stored", "mine"]) await chmod(join(state, name), 0o644);
    for (const name of ["v3", "v3/kv", "."]) await chmod(join(state, name), 0o755);
    await makePrivateFolder(state);
    const names = [
      "state",
      "state/v3",
      "state/v3/kv",
      "state/v3/kv/stored",
      "state/gateway.json",
      "state/mine",
    ];
    expect(await Promise.all(names.map(modeOf))).toEqual(["700", "700", "700", "600", "600", "644"]);
  });
});
