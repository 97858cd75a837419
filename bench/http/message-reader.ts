const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);

/**
 * Finds where HTTP/1.1 messages end on a connection that carries one at a time, requests or responses, and
 * looks at nothing else of them. One that tells neither a length nor chunks is taken to have no body.
 */
export class MessageReader {
  #startLine: string | undefined;
  /** Of a head that has not ended yet. */
  #headBytes = EMPTY;
  #isChunked = false;
  /** Bytes left of the body, or of the chunk and the end of its line. */
  #left = 0;
  #chunkSize = 0;
  #isLastChunk = false;

  /** Takes what the connection has brought. The message's first line where it ends here, undefined before. */
  read(bytes: Buffer): string | undefined {
    const body = this.#startLine === undefined ? this.#readHead(bytes) : bytes;
    if (!body) return undefined;
    const isEnd = this.#isChunked ? this.#skipChunks(body) : this.#skipBody(body);
    if (!isEnd) return undefined;
    const line = this.#startLine;
    this.#startLine = undefined;
    return line;
  }

  /** The bytes after the head, once it is there. */
  #readHead(bytes: Buffer): Buffer | undefined {
    const known = this.#headBytes.length === 0 ? bytes : Buffer.concat([this.#headBytes, bytes]);
    const end = known.indexOf("\r\n\r\n");
    // Copied, for the connection may use its buffer again.
    this.#headBytes = end < 0 ? Buffer.from(known) : EMPTY;
    if (end < 0) return undefined;
    const head = known.toString("latin1", 0, end);
    this.#startLine = head.slice(0, head.indexOf("\r\n"));
    this.#isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
    this.#left = this.#isChunked ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.#chunkSize = 0;
    this.#isLastChunk = false;
    return known.subarray(end + 4);
  }

  #skipBody(bytes: Buffer): boolean {
    this.#left -= bytes.length;
    return this.#left <= 0;
  }

  /** Reads the lines that hold the sizes, and skips what they announce. */
  #skipChunks(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
        if (this.#left === 0 && this.#isLastChunk) return true;
        continue;
      }
      const byte = bytes[at++] ?? LF;
      if (byte === LF) {
        this.#isLastChunk = this.#chunkSize === 0;
        this.#left = this.#chunkSize + 2;
        this.#chunkSize = 0;
      } else if (byte !== CR) this.#chunkSize = this.#chunkSize * 16 + readHexDigit(byte);
    }
    return false;
  }
}

/** Of `0`-`9`, `a`-`f` or `A`-`F` in ASCII. */
const readHexDigit = (byte: number) => (byte & 0xf) + (byte > 0x39 ? 9 : 0);
