import type { Oddities } from "../../contract/config/oddities.ts";
import type { ChatRequest } from "../../contract/requests.ts";
import type { Result } from "../../domain/result.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import type { ChatMessages, FitMessages } from "./chat-message.ts";
import { fitCallIds } from "./fit-calls.ts";
import { moveToolMedia, pdfAsDocumentUrl, textFilesAsText } from "./fit-media.ts";
import {
  assistantAfterTools,
  developerAsSystem,
  joinSameRole,
  markContinued,
  startWithUser,
  systemAsUser,
} from "./fit-roles.ts";
import { joinTextParts, leaveOutBlank, trimLast } from "./fit-texts.ts";
import { fitThinking } from "./fit-thinking.ts";
import { fitFormat, fitTools } from "./fit-tools.ts";
import { leaveOutAdditions } from "./leave-out-additions.ts";

/** Makes a chat request fit what is odd about a provider; the model's name tells its family. */
export type FitChat = (input: ChatRequest, model: string) => ChatRequest;

/**
 * The one place that knows what each entry of the table of oddities asks for. Everything else of a request is
 * as the client sent it, and a request without anything odd is given back itself.
 */
export function createFitChat(odd: Oddities): FitChat {
  const steps = STEPS.map((make) => make(odd)).filter((step) => step !== undefined);
  return (input, model) => {
    const messages = steps.reduce<ChatMessages>((fitted, step) => step(fitted), input.messages);
    const asked = fitFormat(fitTools(leaveOutHints(input, odd, model), odd), odd);
    return messages === input.messages ? asked : { ...asked, messages: [...messages] };
  };
}

/**
 * Translates a fitted request. Where that fails, the failure is that of the request as it came, for clients
 * are told the places that they wrote.
 */
export function translateFitted<T>(
  input: ChatRequest,
  fitted: ChatRequest,
  translate: (input: ChatRequest) => Result<T, AnswerFailure>,
): Result<T, AnswerFailure> {
  const translated = translate(fitted);
  if (translated.ok || fitted === input) return translated;
  const plain = translate(input);
  return plain.ok ? translated : plain;
}

type MakeStep = (odd: Oddities) => FitMessages | undefined;

const when =
  (row: keyof Oddities, step: FitMessages): MakeStep =>
  (odd) =>
    odd[row] === undefined ? undefined : step;

/** The steps for a conversation, in an order in which none undoes another. */
const STEPS: readonly MakeStep[] = [
  when("developer", developerAsSystem),
  ({ thinking }) => thinking && fitThinking(thinking),
  when("additions", leaveOutAdditions),
  when("textFiles", textFilesAsText),
  when("pdf", pdfAsDocumentUrl),
  when("toolMedia", moveToolMedia),
  when("blankTexts", leaveOutBlank),
  when("trailingSpace", trimLast),
  when("textParts", joinTextParts),
  when("onlySystem", systemAsUser),
  when("sameRole", joinSameRole),
  when("firstTurn", startWithUser),
  when("afterTools", assistantAfterTools),
  when("continued", markContinued),
  ({ callIds }) => callIds && fitCallIds(callIds),
];

const PENALTIES = ["presence_penalty", "frequency_penalty"] as const;
const SAMPLING = ["temperature", "top_p"] as const;

/** Leaves out hints that the model refuses: without them the answer is still a valid one. */
function leaveOutHints(input: ChatRequest, { penalties, sampling }: Oddities, model: string): ChatRequest {
  const refused = [
    ...(penalties?.test(model) === true ? PENALTIES : []),
    ...(sampling?.test(model) === true ? SAMPLING : []),
  ];
  if (refused.every((name) => input[name] === undefined)) return input;
  const rest: ChatRequest = { ...input };
  for (const name of refused) delete rest[name];
  return rest;
}
