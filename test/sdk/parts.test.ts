import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { Headrace } from "../../sdk/index.ts";
import type { HeadraceOptions, Part } from "../../sdk/index.ts";
import { Headrace as HeadraceWithJobs, jobs } from "../../sdk/jobs/index.ts";
import type { JobsPart } from "../../sdk/jobs/index.ts";
import { embeddings, embedParams, jobOf, json, succeeded, useLocalServer } from "./local-server.ts";

const options = { baseURL: "https://ai.example/v1", apiKey: "hr_test_key" };

describe("a client with parts", () => {
  const server = useLocalServer();

  it("has all of them beside its own methods", async () => {
    const greet: Part<{ readonly greet: (name: string) => string }> = () => ({
      greet: (name) => `Hello, ${name}.`,
    });
    const Client = Headrace.with(jobs).with(greet);
    server().answer(json(200, embeddings), json(202, jobOf()), json(200, succeeded(embeddings)));
    const client = new Client({ baseURL: server().url, apiKey: "k" });
    expect(await client.embed(embedParams)).toEqual(embeddings);
    expect((await client.jobs.get("job_1")).id).toBe("job_1");
    expect(await client.run("embed", { input: "x" })).toEqual(embeddings);
    expect(client.greet("you")).toBe("Hello, you.");
    expect(client).toBeInstanceOf(Headrace);
    expectTypeOf(client).toExtend<Headrace & JobsPart>();
    expectTypeOf(client.greet).returns.toBeString();
  });

  it("can be made of a class that has some already, and methods of its own", () => {
    class Own extends HeadraceWithJobs {
      readonly name = "own";
      both(): string {
        return `${this.name} ${typeof this.jobs.create}`;
      }
    }
    const client = new (Own.with(() => ({ extra: 1 })))(options);
    expect([client.both(), client.extra]).toEqual(["own function", 1]);
    expect(client).toBeInstanceOf(HeadraceWithJobs);
  });

  it("leaves the class that it was made of without them", () => {
    expect(new (Headrace.with(() => ({ extra: 1 })))(options)).toHaveProperty("extra");
    expect(new Headrace(options)).not.toHaveProperty("extra");
    expect(new Headrace(options)).not.toHaveProperty("jobs");
  });

  it("checks its options once, and hands the same to every part", () => {
    let read = 0;
    const counted = {
      ...options,
      get baseURL() {
        read += 1;
        return options.baseURL;
      },
    };
    const settings: Part<{ [key: string]: unknown }> = (given) => ({ [`part ${Math.random()}`]: given });
    const client = new (HeadraceWithJobs.with(settings).with(settings))(counted);
    const given = Object.entries(client).flatMap(([key, value]) => (key.startsWith("part ") ? [value] : []));
    expect(given).toHaveLength(2);
    expect(given[0]).toBe(given[1]);
    expect(given[0]).toMatchObject({ baseURL: "https://ai.example", maxRetries: 2, timeoutMs: 60_000 });
    expect(read).toBe(1);
  });

  it("makes none of them where an option is not valid", () => {
    let made = 0;
    const Client = Headrace.with(() => ({ made: (made += 1) }));
    expect(() => new Client({ apiKey: "k" } as HeadraceOptions)).toThrow(/"baseURL"/);
    expect(made).toBe(0);
  });

  it("keeps the key out of sight of inspect and JSON", () => {
    const client = new HeadraceWithJobs(options);
    expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toContain(
      "hr_test_key",
    );
  });
});
