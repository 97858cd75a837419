/** What any Worker that reads a JSON body and answers with JSON has to pay. */
const hello: ExportedHandler = {
  async fetch(request) {
    const body = await request.json<{ readonly model: string }>();
    return Response.json({ hello: body.model });
  },
};

export default hello;
