import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import "./marks.ts";
import { bringUpToDate, compareTables, readTables, type Shown, writeTables } from "./tables.ts";

const DOCUMENT = new URL("../../../docs/compatibility.md", import.meta.url);

/**
 * Holds docs/compatibility.md against what the tests that passed have shown, and fails the run where it says
 * more or less. With `--update=all` it is written instead. After a run of some files, only the rows that these alone show
 * can be told to say too much.
 */
export class CompatibilityReporter implements Reporter {
  #vitest: Vitest | undefined;
  /** What the document says wrongly. */
  faults: readonly string[] = [];

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { testNamePattern, snapshotOptions } = this.#vitest?.config ?? {};
    const whole =
      testNamePattern === undefined ? modules.filter((module) => module.state() === "passed") : [];
    const ran = new Set(whole.map(({ relativeModuleId }) => relativeModuleId));
    const document = readFileSync(DOCUMENT, "utf8");
    const told = readTables(document);
    const due = bringUpToDate(told, modules.flatMap(readShown), ran);
    if (snapshotOptions?.updateSnapshot === "all") return writeFileSync(DOCUMENT, writeTables(document, due));
    this.faults = compareTables(told, due);
    if (this.faults.length === 0) return;
    process.exitCode = 1;
    const lines = ["docs/compatibility.md is not what the tests show:", ...this.faults];
    this.#vitest?.logger.error(`\n${lines.join("\n  ")}\n  Write it anew with: npm run compatibility\n`);
  }
}

const readShown = (module: TestModule): Shown[] =>
  [...module.children.allTests("passed")].flatMap((test) => readMarks(test, module.relativeModuleId));

function readMarks(test: TestCase, file: string): Shown[] {
  const { client, provider, shows = [], odd } = test.meta();
  const features = client === undefined ? [] : [shows].flat();
  return [
    ...features.map((item) => ({ table: "clients" as const, row: client ?? "", item, file })),
    ...(provider !== undefined && odd !== undefined
      ? [{ table: "providers" as const, row: provider, item: odd, file }]
      : []),
  ];
}
