/**
 * `hello`, and one miss and one write of the Cache API. Here that is Miniflare's simulation, which runs in
 * the same process, and costs CPU that the platform's own cache does not charge to a Worker.
 */
const cacheRound: ExportedHandler = {
  async fetch(request, _env, execution) {
    const body = await request.json<{ readonly model: string }>();
    const url = `https://cache.bench.invalid/${crypto.randomUUID()}`;
    await caches.default.match(url);
    const kept = new Response(JSON.stringify(body), { headers: { "cache-control": "max-age=3600" } });
    execution.waitUntil(caches.default.put(url, kept));
    return Response.json({ hello: body.model });
  },
};

export default cacheRound;
