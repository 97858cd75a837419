import canonicalize from "canonicalize";
import type { Config, ConfigInput } from "./contract/config/config.ts";
import { sha256Hex } from "./domain/cache/cache-key.ts";
import { buildCatalog } from "./domain/routing/catalog.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import { ok, type Result } from "./domain/result.ts";
import type { JobServices } from "./flows/jobs/job-services.ts";
import type { Webhooks } from "./flows/webhooks/webhook-services.ts";
import type { Gateway } from "./http/gateway.ts";
import { createRequestWindows } from "./platform/request-windows.ts";
import { createColoTier, createKvTier, createMemoryTier } from "./platform/cache-tiers.ts";
import { createCallProvider } from "./platform/call-provider.ts";
import { createCallWebhook } from "./platform/call-webhook.ts";
import { createDisabledWebhooks } from "./platform/disabled-webhooks.ts";
import { checkEnvironment, type Environment, readMasters, readSetting } from "./platform/environment.ts";
import { Flights } from "./streams/flights.ts";
import { createJobAnnouncer } from "./platform/job-announcer.ts";
import { createJobSender } from "./platform/job-queue.ts";
import { createJobDirectories } from "./platform/job-directories.ts";
import { createJobObjects } from "./platform/job-objects.ts";
import { createJobWindows } from "./platform/job-windows.ts";
import { createKeyStore } from "./platform/key-store.ts";
import { ListingBuffer } from "./platform/listing-buffer.ts";
import { consoleLog } from "./platform/log.ts";
import { pause } from "./platform/pause.ts";
import { RouteHistories } from "./platform/route-histories.ts";
import { createTieredCache } from "./platform/tiered-cache.ts";
import { createProviderFetch } from "./platform/workers-ai.ts";
import { registry } from "./providers/registry.ts";
import { addDialects } from "./providers/with-dialects.ts";

/** As Standard Webhooks advises. */
const WEBHOOK_TIMEOUT_MS = 15_000;
/** How long what is accepted gathers before directories are told. */
const LISTING_MS = 5000;
/** Of an isolate's 128 MB. */
const MEMORY_TIER_BYTES = 24 * 1024 * 1024;

const now = () => Date.now();
const random = () => 1 - Math.random();

/**
 * The composition root: env -> all that the handlers work with, or the one line that says what is
 * wrong with the deployment.
 */
export async function createGateway(
  env: Environment,
  configInput: ConfigInput,
): Promise<Result<Gateway, string>> {
  const checked = checkEnvironment(env);
  if (!checked.ok) return checked;
  const config = parseConfig(configInput, registry);
  if (!config.ok) return config;
  const webhooks = createWebhooks(env, config.value);
  if (!webhooks.ok) return webhooks;
  const bootstrapKey = readSetting(env, "HEADRACE_API_KEY");
  return ok({
    config: config.value,
    configVersion: (await sha256Hex(canonicalize(configInput) ?? "")).slice(0, 12),
    findKey: createKeyStore({
      kv: env.KV,
      bootstrapDigest: bootstrapKey === undefined ? undefined : await sha256Hex(bootstrapKey),
      now,
    }),
    probeStorage: () =>
      env.KV.get("ready").then(
        () => true,
        () => false,
      ),
    webhooks: webhooks.value,
    services: createServices(env, config.value),
  });
}

/** What requests, deliveries and windows are served with. */
export function createServices(env: Environment, config: Config): JobServices {
  const directories = createJobDirectories(env.JOB_DIRECTORIES);
  const tiers = [
    createMemoryTier(MEMORY_TIER_BYTES),
    createColoTier(() => caches.default, now),
    createKvTier(env.KV, now),
  ];
  return {
    catalog: buildCatalog(config, addDialects(registry), (name) => readSetting(env, name)),
    cache: createTieredCache(tiers, consoleLog),
    flights: new Flights(now),
    histories: new RouteHistories(),
    callProvider: createCallProvider(createProviderFetch(env.AI), now),
    windows: createRequestWindows(env.REQUEST_WINDOWS),
    jobs: createJobObjects(env.JOBS),
    jobWindows: createJobWindows(env.JOB_WINDOWS),
    directories,
    listings: new ListingBuffer({
      record: (tenant, entries) => directories.record(tenant, entries),
      wait: () => pause(LISTING_MS),
      now,
      log: consoleLog,
    }),
    announce: createJobAnnouncer({
      send: createJobSender(env.JOB_QUEUE),
      sleep: pause,
      now,
      log: consoleLog,
    }),
    log: consoleLog,
    now,
    random,
  };
}

function createWebhooks(env: Environment, { webhooks }: Config): Result<Webhooks, string> {
  const { secrets, development } = webhooks;
  const masters = readMasters(env, secrets);
  if (!masters.ok) return masters;
  return ok({
    masters: masters.value,
    secretName: secrets[0]?.secret ?? "",
    development,
    call: createCallWebhook(fetch, now, WEBHOOK_TIMEOUT_MS),
    disabled: createDisabledWebhooks(env.KV, consoleLog),
  });
}
