import type { GatewayError } from "../contract/errors.ts";
import { createFormScanner, type Segment } from "../domain/uploads/multipart-scanner.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { LateBody } from "./body-patience.ts";
import type { UploadBody } from "./upload-body.ts";

export interface FormSource {
  readonly body: UploadBody;
  readonly boundary: string;
  /** What the body may have at most; more is refused while it arrives. */
  readonly maxBytes: number;
}

/** How a form's `model` is replaced on its way to a provider. */
export interface ModelChange {
  /** What the provider is to read. */
  readonly model: string;
  /** Judges what the client wrote; a failure ends the stream. */
  check(named: string): GatewayError | undefined;
  /** The form was wrong, or the client left: the stream has ended before the form's end. */
  onFault(error: GatewayError): void;
  /** Something has arrived. */
  onProgress(): void;
}

/** A form that still arrives; it is read only as far as is asked for. */
export interface OpenForm {
  /** Reads until the value of `model` is there, or this many bytes are, or the end; all of it is kept. */
  peekModel(maxBytes: number): Promise<Result<string | undefined, GatewayError>>;
  /** The whole form as a stream, with another model in it. To be taken once. */
  stream(change: ModelChange): ReadableStream<Uint8Array>;
}

type Read = Result<readonly Segment[] | undefined, GatewayError>;

/** Opens a `multipart/form-data` body for reading as it arrives; see the scanner for what it refuses. */
export function openForm(source: FormSource): OpenForm {
  const read = openReader(source);
  const kept: Segment[] = [];
  return {
    async peekModel(maxBytes) {
      while (read.size() < maxBytes) {
        const next = await read.next();
        if (!next.ok) return next;
        kept.push(...(next.value ?? []));
        const value = kept.find(({ kind }) => kind === "value");
        if (value?.kind === "value") return readModel(value.bytes);
        if (!next.value) break;
      }
      return ok(undefined);
    },
    stream(change) {
      const rewrite = createRewriter(source.boundary, change);
      const fail = (controller: ReadableStreamDefaultController<Uint8Array>, error: GatewayError) => {
        change.onFault(error);
        controller.error(new Error(error.code));
      };
      return new ReadableStream<Uint8Array>(
        {
          // The platform does not repeat a pull that enqueued nothing: the loop goes on until there are
          // bytes, or the end.
          async pull(controller) {
            for (let sent = 0; sent === 0;) {
              const next = kept.length > 0 ? ok(kept.splice(0)) : await read.next();
              if (!next.ok) return fail(controller, next.error);
              if (!next.value) return controller.close();
              change.onProgress();
              const chunks = rewrite(next.value);
              if (!chunks.ok) return fail(controller, chunks.error);
              for (const chunk of chunks.value) controller.enqueue(chunk);
              sent = chunks.value.length;
            }
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
}

function openReader({ body, boundary, maxBytes }: FormSource) {
  const scanner = createFormScanner(boundary, "model");
  let size = 0;
  const next = async (): Promise<Read> => {
    const part = await body.read();
    if (!part) {
      const end = scanner.end();
      return end.ok ? end : err({ code: "invalid_request", ...end.error });
    }
    size += part.byteLength;
    if (size > maxBytes) return err(tooLarge(maxBytes));
    const scanned = scanner.add(part);
    return scanned.ok ? scanned : err({ code: "invalid_request", ...scanned.error });
  };
  return {
    size: () => size,
    next: () =>
      next().catch((error: unknown): Read =>
        err({ code: error instanceof LateBody ? error.code : "client_closed" }),
      ),
  };
}

/** The error for an upload that is, or is announced to be, larger than allowed. */
export const tooLarge = (maxBytes: number): GatewayError => ({
  code: "payload_too_large",
  message: `The body is larger than ${maxBytes} bytes.`,
});

/** Turns segments into bytes for the provider; a form without a model gets one before its end. */
function createRewriter(boundary: string, change: ModelChange) {
  const encoder = new TextEncoder();
  const value = encoder.encode(change.model);
  let written = false;
  return (segments: readonly Segment[]): Result<Uint8Array[], GatewayError> => {
    const chunks: Uint8Array[] = [];
    for (const segment of segments) {
      if (segment.kind === "bytes") chunks.push(segment.bytes);
      if (segment.kind === "value") {
        const named = readModel(segment.bytes);
        const fault = named.ok ? change.check(named.value) : named.error;
        if (fault) return err(fault);
        chunks.push(value);
        written = true;
      }
      if (segment.kind === "close" && !written)
        chunks.push(encoder.encode(writePart(boundary, change.model)));
    }
    return ok(chunks);
  };
}

const writePart = (boundary: string, model: string) =>
  `\r\n--${boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}`;

function readModel(bytes: Uint8Array): Result<string, GatewayError> {
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return err({ code: "invalid_request", param: "model", message: "model: expected UTF-8 text" });
  }
}
