import type { Usage } from "../contract/responses.ts";
import type { EventReader, StreamEvent } from "../domain/routing/adapter.ts";
import { cutEvents, readData } from "../domain/answers/server-sent-events.ts";
import type { TurnWriter } from "./dialect.ts";
import { type ChatAnswer, noteEnd, readChatAnswer, readDelta, startTurn } from "./read-turn.ts";
import type { Step, Turn } from "./turn.ts";

/**
 * Reads a chat's stream and writes a dialect's: every event of the one becomes none to many of the other. The
 * last events have the usage, whenever the provider sent it. `asked` is the model that was asked for.
 */
export function translateStream(read: EventReader, writer: TurnWriter, asked: string): EventReader {
  const translation = new Translation(writer, asked);
  const reader: EventReader = (event) => translation.translate(read(event), event.data);
  if (!read.end) return reader;
  return Object.assign(reader, {
    end: () => translation.translateAll(read.end?.() ?? []),
  });
}

type Failure = Extract<StreamEvent, { kind: "error" }>;
type Told = Exclude<StreamEvent, Failure | { kind: "several" }>;

const fail = (reason: string): Failure => ({ kind: "error", reason });

/** The translation of one stream from chat to a dialect. */
class Translation {
  readonly #writer: TurnWriter;
  readonly #asked: string;
  #turn: Turn | undefined;
  #usage: Usage | null = null;

  constructor(writer: TurnWriter, asked: string) {
    this.#writer = writer;
    this.#asked = asked;
  }

  /** `data` is the provider's own event, which is read where the chat's reader emits nothing else. */
  translate(told: StreamEvent, data?: string): StreamEvent {
    if (told.kind === "error") return told;
    if (told.kind === "several") return { kind: "several", events: this.translateAll(told.events) };
    const text = this.#writeAll(chunksOf(told, data));
    if (typeof text !== "string") return text;
    if (told.kind === "usage") {
      this.#usage = told.usage;
      return { ...told, only: false, emit: text };
    }
    return told.kind === "done" ? this.#end(text) : { ...told, emit: text };
  }

  /** The same for several events, up to the first failure. */
  translateAll(told: readonly StreamEvent[]): StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const each of told) {
      const event = this.translate(each);
      events.push(event);
      if (event.kind === "error") break;
    }
    return events;
  }

  #end(text: string): StreamEvent {
    const turn = this.#turn;
    if (!turn) return fail("the stream holds no answer");
    turn.usage = this.#usage;
    return { kind: "done", emit: text + this.#writeSteps(turn.finish()) + this.#writer.end(turn) };
  }

  #writeAll(chunks: readonly string[]): string | Failure {
    let text = "";
    for (const json of chunks) {
      if (json.trim() === "[DONE]") continue;
      const chunk = readChatAnswer(json);
      const written = chunk ? this.#write(chunk) : fail("an event has not the shape of a chunk");
      if (typeof written !== "string") return written;
      text += written;
    }
    return text;
  }

  #write(chunk: ChatAnswer): string | Failure {
    // Azure's first chunk has no choices, and no id either.
    if (chunk.choices.length === 0) return "";
    const turn = this.#turn ?? startTurn(chunk, this.#asked);
    const started = this.#turn ? "" : this.#writer.start(turn.head);
    this.#turn = turn;
    const steps = turn.add(readDelta(chunk));
    if (!steps.ok) return fail(steps.error);
    noteEnd(turn, chunk);
    return started + this.#writeSteps(steps.value);
  }

  #writeSteps(steps: readonly Step[]): string {
    const writer = this.#writer;
    const write = (step: Step) => {
      if (step.type === "extend") return writer.extend(step.block, step.text);
      return step.type === "open" ? writer.open(step.block) : writer.close(step.block);
    };
    return steps.map(write).join("");
  }
}

/** The chunks that clients of the chat itself would get. */
function chunksOf(told: Told, data: string | undefined): readonly string[] {
  if (told.emit !== undefined) return cutEvents(told.emit).events.flatMap((each) => readData(each) ?? []);
  return told.kind === "comment" || data === undefined ? [] : [data];
}
