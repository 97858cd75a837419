/** What a parsed value tells of the text that it was parsed from. */
export interface Findings {
  /** In all of its objects: fewer than the text has where one stands twice. */
  names: number;
  /** Past 2^53, where a number may have lost digits. */
  largeNumbers: number;
  hasInfinity: boolean;
  /** A name that sets a prototype. */
  hasProto: boolean;
  /** A string or name with half a character. */
  hasHalf: boolean;
}

/** Walks a value of bounded depth. `readsTexts`: whether to look for halves of characters. */
export function checkValue(value: unknown, readsTexts: boolean): Findings {
  const findings = { names: 0, largeNumbers: 0, hasInfinity: false, hasProto: false, hasHalf: false };
  check(value, readsTexts, findings);
  return findings;
}

function check(value: unknown, readsTexts: boolean, findings: Findings): void {
  if (typeof value === "string") {
    if (readsTexts) findings.hasHalf ||= !value.isWellFormed();
  } else if (typeof value === "number") checkNumber(value, findings);
  else if (Array.isArray(value)) for (const item of value) check(item, readsTexts, findings);
  else if (value !== null && typeof value === "object") {
    for (const name in value) {
      findings.names++;
      findings.hasProto ||= name === "__proto__";
      if (readsTexts) findings.hasHalf ||= !name.isWellFormed();
      check((value as Record<string, unknown>)[name], readsTexts, findings);
    }
  }
}

function checkNumber(value: number, findings: Findings): void {
  if (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) return;
  if (Number.isFinite(value)) findings.largeNumbers++;
  else findings.hasInfinity = true;
}
