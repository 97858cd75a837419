import type { Oddities, PresetTask } from "../../contract/config/oddities.ts";

/** A request's body for a preset's server: fields renamed, and left out where it refuses them. */
export function adaptFields(
  preset: Oddities,
  task: PresetTask,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = preset.fields?.[task] ?? {};
  const implied = preset.implied?.[task] ?? {};
  const adapted: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const wanted = Object.hasOwn(names, name) ? names[name] : name;
    const said = Object.hasOwn(implied, name) && implied[name] === value;
    // Where a client sends both, the server's own field counts.
    if (typeof wanted === "string" && !said && (wanted === name || body[wanted] === undefined)) {
      adapted[wanted] = value;
    }
  }
  return adapted;
}
