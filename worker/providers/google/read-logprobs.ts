import type { Candidate } from "./answer-schema.ts";

type LogprobsResult = NonNullable<Candidate["logprobsResult"]>;
type Token = NonNullable<LogprobsResult["chosenCandidates"]>[number];

/** The log probability of each token, and its alternatives, in OpenAI's shape. */
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
