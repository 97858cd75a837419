import { DurableObject } from "cloudflare:workers";
import type { Environment } from "../worker/platform/environment.ts";
import type { Log } from "../worker/platform/log.ts";

/** What every object with an alarm needs besides its storage. */
export interface AlarmedPorts {
  readonly now: () => number;
  readonly log: Log;
}

/** When an alarm that failed is tried again, by an alarm of its own: the platform gives up after six. */
const ALARM_RETRY_MS = 60_000;

/**
 * An object that has an alarm to rely on: whatever it has put off, it does when that comes. So the alarm is
 * written together with the rows that need it, and sets the next one where it fails.
 */
export abstract class AlarmedObject extends DurableObject<Environment> {
  abstract ports: AlarmedPorts;
  /** What it is, and which one, for the log. */
  protected abstract readonly named: { readonly kind: string; readonly id: string };

  /** Does what is due. */
  protected abstract ring(): Promise<void>;

  /** Throws only where storage fails too. A try that was cut off (the platform says so) first sets another. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    try {
      if (info?.isRetry === true) await this.#armForRetry();
      await this.ring();
    } catch (error) {
      const { kind, id } = this.named;
      this.ports.log.warn(`${kind}_alarm_failed`, { [kind]: id, error });
      await this.#armForRetry();
    }
  }

  /**
   * Begins an event: gives when the alarm is set for, null where it is not. The platform lets no other event
   * in while storage is read, so until `commit` nothing else happens as long as nothing is awaited.
   */
  protected begin(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  /** Writes rows and alarm, all or nothing; what has not changed is left out, and costs no write. */
  protected async commit(writeRows: (() => void) | undefined, alarmAt: number | null): Promise<void> {
    if (!writeRows && alarmAt === null) return;
    let armed: Promise<void> | undefined;
    this.ctx.storage.transactionSync(() => {
      writeRows?.();
      if (alarmAt !== null) armed = this.ctx.storage.setAlarm(alarmAt);
    });
    await armed;
  }

  #armForRetry(): Promise<void> {
    return this.ctx.storage.setAlarm(this.ports.now() + ALARM_RETRY_MS);
  }
}
