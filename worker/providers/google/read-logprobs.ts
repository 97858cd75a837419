import type { Candidate } from "./answer-schema.ts";

type LogprobsResult = NonNullable<Candidate["logprobsResult"]>;
type Token = NonNullable<LogprobsResult["chosenCandidates"]>[number];

/** How likely each token was, and what else might have stood there, in OpenAI's shape. */
export function readLogprobs({ chosenCandidates = [], topCandidates = [] }: LogprobsResult): object {
  const content = chosenCandidates.map((chosen, at) => ({
    ...readToken(chosen),
    top_logprobs: (topCandidates[at]?.candidates ?? []).map(readToken),
  }));
  return { content, refusal: null };
}

const readToken = ({ token = "", logProbability = 0 }: Token) => ({
  token,
  logprob: logProbability,
  bytes: null,
});
