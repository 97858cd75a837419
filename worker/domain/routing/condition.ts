import type {
  Environment,
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
} from "@marcbachmann/cel-js";
import { err, ok, type Result } from "../result.ts";
import { findForbidden } from "./condition-calls.ts";
import type { ConditionFacts } from "./condition-facts.ts";
import { markPlace } from "./condition-place.ts";
import { loadCel } from "./load-cel.cjs";

/** What a condition says of one request. */
export interface Verdict {
  readonly isTrue: boolean;
  /** Why it could not be told; it counts as not true then. */
  readonly error?: string;
}

/** A condition of the config on a target or a route, checked, and ready to be asked. */
export interface Condition {
  /** As the config has it. */
  readonly text: string;
  readonly judge: (facts: ConditionFacts) => Verdict;
}

/** What a condition is on: only a target has a context window. */
export type ConditionScope = "target" | "route";

/** What conditions may read, with its type in CEL; `condition-facts.ts` gives the values. */
const VARIABLES = {
  request: "map<string, dyn>",
  task: "string",
  tokens: "int",
  media: "list<string>",
  metadata: "map<string, string>",
  priority: "string",
  tenant: "string",
  continent: "string",
  country: "string",
  hour: "int",
} as const satisfies Partial<Record<keyof ConditionFacts, string>>;

/** CEL's own limits are a hundred times as high, made for programs; these are for a line of a config. */
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 20,
  maxListElements: 64,
  maxMapEntries: 16,
  maxCallArguments: 4,
};

/**
 * Reads a condition in the Common Expression Language (https://cel.dev) and checks its types. What it may call is
 * listed: all of it takes time in proportion to the request, which `matches`, a backtracking expression, does not.
 * The error tells line and column, and shows the place.
 */
export function parseCondition(text: string, scope: ConditionScope): Result<Condition, string> {
  const variables = scope === "target" ? { ...VARIABLES, contextWindow: "int" } : VARIABLES;
  try {
    const run = createEnvironment(variables).parse(text);
    const forbidden = findForbidden(run.ast);
    if (forbidden) return err(markPlace(text, forbidden.range, forbidden.message));
    const { type = "", error } = run.check();
    if (error) throw error;
    const isYesOrNo = type === "bool" || type === "dyn";
    if (!isYesOrNo) return err(markPlace(text, run.ast.range, `it gives ${type}, not true or false`));
    return ok({ text, judge: (facts) => judge(run, facts) });
  } catch (error) {
    return err(tellError(text, error as ParseError, Object.keys(variables)));
  }
}

function createEnvironment(variables: Readonly<Record<string, string>>): Environment {
  const { Environment: Language } = loadCel();
  const environment = new Language({ homogeneousAggregateLiterals: false, limits: LIMITS });
  for (const [name, type] of Object.entries(variables)) environment.registerVariable(name, type);
  for (const [sign, compute] of Object.entries(MIXED)) {
    // JSON's numbers are doubles, which CEL adds to no int: `request.max_tokens + tokens`.
    environment.registerOperator(`double ${sign} int`, (a: number, b: bigint) => compute(a, Number(b)));
    environment.registerOperator(`int ${sign} double`, (a: bigint, b: number) => compute(Number(a), b));
  }
  return environment;
}

const MIXED: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

/** What CEL cannot tell (it has no value for a key that is not there) counts as not true. */
function judge(run: (facts: ConditionFacts) => unknown, facts: ConditionFacts): Verdict {
  try {
    const value = run(facts);
    return typeof value === "boolean" ? { isTrue: value } : { isTrue: false, error: NEITHER };
  } catch (error) {
    return { isTrue: false, error: (error as Partial<EvaluationError>).summary ?? NEITHER };
  }
}

const NEITHER = "it gives neither true nor false";

function tellError(text: string, error: ParseError | CelTypeError, names: readonly string[]): string {
  const more = error.code === "unknown_variable" ? `; there are: ${names.join(", ")}` : "";
  return markPlace(text, error.range, `${error.summary}${more}`);
}
