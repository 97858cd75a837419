import { sha256Hex } from "./domain/cache/cache-key.ts";
import type { JobServices } from "./flows/jobs/job-services.ts";
import type { Webhooks } from "./flows/webhooks/webhook-services.ts";
import type { Gateway } from "./http/gateway.ts";
import { createColoTier, createKvTier, createMemoryTier } from "./platform/cache-tiers.ts";
import { CallBudgets } from "./platform/call-budgets.ts";
import { createCallProvider } from "./platform/call-provider.ts";
import { createCallWebhook } from "./platform/call-webhook.ts";
import { createDisabledWebhooks } from "./platform/disabled-webhooks.ts";
import { createFactLog } from "./platform/fact-log.ts";
import { type Environment, readSetting } from "./platform/environment.ts";
import { ArrivingBodies } from "./domain/requests/arriving-bodies.ts";
import { HealthSharing } from "./platform/health-sharing.ts";
import { isolateBytes } from "./platform/isolate-bytes.ts";
import { createJobAnnouncer } from "./platform/job-announcer.ts";
import { createJobDirectories } from "./platform/job-directories.ts";
import { createJobObjects } from "./platform/job-objects.ts";
import { createJobSender } from "./platform/job-queue.ts";
import { createJobWindows } from "./platform/job-windows.ts";
import { createKeyStore } from "./platform/key-store.ts";
import { hideSecrets } from "./platform/known-secrets.ts";
import { KnownRequests } from "./platform/known-requests.ts";
import { KnownTargets } from "./platform/known-targets.ts";
import { ListingBuffer } from "./platform/listing-buffer.ts";
import type { PinOf } from "./platform/pinned-objects.ts";
import { consoleLog } from "./platform/log.ts";
import { ProviderKeys } from "./platform/provider-keys.ts";
import { createReadProbes } from "./platform/probe-reports.ts";
import { createAskHealth } from "./platform/provider-health.ts";
import { sleep } from "./platform/sleep.ts";
import { TargetHealth } from "./platform/target-health.ts";
import { TargetSlots } from "./platform/target-slots.ts";
import { createTargetTroubles } from "./platform/target-troubles.ts";
import { createTell, type Listener } from "./platform/tell.ts";
import { createRequestWindows } from "./platform/request-windows.ts";
import { RouteHistories } from "./platform/route-histories.ts";
import { createTieredCache } from "./platform/tiered-cache.ts";
import { createProviderFetch } from "./platform/workers-ai.ts";
import { Flights } from "./streams/flights.ts";

/** As Standard Webhooks advises. */
const WEBHOOK_TIMEOUT_MS = 15_000;
/** How long accepted jobs are gathered before they are sent to directories. */
const LISTING_MS = 5000;
/** An isolate has 128 MB. */
const MEMORY_TIER_BYTES = 24 * 1024 * 1024;

const now = () => Date.now();
const random = () => 1 - Math.random();

/** What an isolate works with whatever the release: bindings, clocks and caches. */
export interface IsolateServices extends Pick<
  Gateway,
  "findKey" | "probeStorage" | "readProbes" | "knownRequests" | "arriving" | "troubles"
> {
  readonly services: JobServices;
  readonly webhooks: Pick<Webhooks, "call" | "disabled">;
}

/** Makes all that flows and handlers work with from the environment; once for each isolate. */
export async function createServices(env: Environment, pinOf: PinOf): Promise<IsolateServices> {
  const bootstrapKey = readSetting(env, "HEADRACE_API_KEY");
  const troubles = createTargetTroubles();
  const services = createFlowServices(env, troubles, pinOf);
  return {
    services,
    troubles,
    knownRequests: new KnownRequests(),
    arriving: new ArrivingBodies(now),
    webhooks: {
      call: createCallWebhook(fetch, now, WEBHOOK_TIMEOUT_MS),
      disabled: createDisabledWebhooks(env.KV, consoleLog),
    },
    findKey: createKeyStore({
      kv: env.KV,
      bootstrapDigest: bootstrapKey === undefined ? undefined : await sha256Hex(bootstrapKey),
      now,
    }),
    readProbes: createReadProbes({ ask: services.askHealth, now, log: consoleLog }),
    probeStorage: () =>
      env.KV.get("ready").then(
        () => true,
        () => false,
      ),
  };
}

function createFlowServices(env: Environment, troubles: Listener, pinOf: PinOf): IsolateServices["services"] {
  const health = new TargetHealth(random);
  const askHealth = createAskHealth(env.PROVIDER_HEALTH);
  const directories = createJobDirectories(env.JOB_DIRECTORIES, pinOf);
  const tiers = [
    createMemoryTier(MEMORY_TIER_BYTES),
    createColoTier(() => caches.default, now),
    createKvTier(env.KV, now),
  ];
  return {
    cache: createTieredCache(tiers, consoleLog),
    flights: new Flights(now, isolateBytes),
    held: isolateBytes,
    histories: new RouteHistories(),
    callProvider: createCallProvider(createProviderFetch(env.AI), now, new ArrivingBodies(now)),
    budgets: new CallBudgets(),
    withoutOptions: new KnownTargets(),
    inForm: new KnownTargets(),
    keys: new ProviderKeys(random),
    slots: new TargetSlots(now),
    windows: createRequestWindows(env.REQUEST_WINDOWS, pinOf),
    jobs: createJobObjects(env.JOBS, pinOf),
    jobWindows: createJobWindows(env.JOB_WINDOWS, pinOf),
    health,
    sharing: new HealthSharing({ ask: askHealth, health, now, log: consoleLog }),
    askHealth,
    directories,
    listings: new ListingBuffer({
      record: (tenant, entries) => directories.record(tenant, entries),
      wait: () => sleep(LISTING_MS),
      now,
      log: consoleLog,
    }),
    announce: createJobAnnouncer({ send: createJobSender(env.JOB_QUEUE), sleep, now, log: consoleLog }),
    tell: createTell(
      {
        log: createFactLog({ write: (event, fields) => consoleLog.info(event, fields), sleep, now }),
        troubles,
      },
      consoleLog,
    ),
    hideSecrets,
    log: consoleLog,
    now,
    random,
    sleep,
  };
}
