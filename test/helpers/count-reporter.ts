import type { Reporter, TestModule } from "vitest/node";

/** Ends a run on one plain line, for machines: `128 passed, 0 failed`. */
export class CountReporter implements Reporter {
  readonly #others: { readonly faults: readonly string[] };

  /** What another reporter finds wrong is counted as failed. */
  constructor(others: { readonly faults: readonly string[] }) {
    this.#others = others;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = errors.length + suites.filter((suite) => suite.errors().length > 0).length;
    const skipped = count("skipped");
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    process.on("exit", () => {
      process.stdout.write(
        `\n${count("passed")} passed, ${count("failed") + broken + this.#others.faults.length} failed${tail}\n`,
      );
    });
  }
}
