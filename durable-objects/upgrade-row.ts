import * as z from "zod/mini";

/**
 * Step n makes a row of version n + 1 into one of version n + 2; pure. A step that has shipped is never
 * changed: rows outlive deploys by as long as jobs are retained.
 */
export type Migration = (row: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** The version of a row that has been through all of them. */
export const newestOf = (migrations: readonly Migration[]): number => migrations.length + 1;

const versionedRow = z.looseObject({ version: z.int().check(z.minimum(1)) });

/**
 * Brings a row of any earlier version up to the newest, each step once and in order; it is written back
 * when its object next changes. Throws on what no version wrote, or a later one: a rolled-back deploy must
 * leave such rows alone.
 */
export function upgradeRow(row: unknown, migrations: readonly Migration[]): Record<string, unknown> {
  const versioned = versionedRow.parse(row);
  const newest = newestOf(migrations);
  if (versioned.version > newest) {
    throw new Error(`the row is of version ${versioned.version}; this deploy knows ${newest}`);
  }
  const steps = migrations.slice(versioned.version - 1);
  const upgraded = steps.reduce<Record<string, unknown>>((older, step) => step(older), versioned);
  return { ...upgraded, version: newest };
}
