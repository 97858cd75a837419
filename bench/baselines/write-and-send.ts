import { DurableObject } from "cloudflare:workers";

interface Environment {
  readonly ROWS: DurableObjectNamespace<Row>;
  readonly ROW_QUEUE: Queue<{ readonly row: string }>;
}

/** Keeps one text. */
export class Row extends DurableObject {
  write(text: string): void {
    this.ctx.storage.kv.put("row", text);
  }
}

/** The least that a durable job can be: one write of an object of its own, and one message that is read. */
const writeAndSend: ExportedHandler<Environment> = {
  async fetch(request, env) {
    const id = env.ROWS.newUniqueId();
    await env.ROWS.get(id).write(await request.text());
    await env.ROW_QUEUE.send({ row: id.toString() });
    return new Response(null, { status: 202 });
  },

  queue({ messages }) {
    for (const message of messages) message.ack();
  },
};

export default writeAndSend;
