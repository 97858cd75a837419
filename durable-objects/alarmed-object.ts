import { DurableObject } from "cloudflare:workers";
import type { Environment } from "../worker/platform/environment.ts";
import type { Log } from "../worker/platform/log.ts";

/** What every object with an alarm needs besides its storage. */
export interface AlarmedPorts {
  readonly now: () => number;
  readonly log: Log;
}

/** When a failed alarm is tried again, by a new alarm: the platform itself gives up after six retries. */
const ALARM_RETRY_MS = 60_000;

/**
 * An object that does by its alarm what it has put off. So the alarm is written together with the rows that
 * need it, and where it fails it sets the next one.
 */
export abstract class AlarmedObject extends DurableObject<Environment> {
  abstract ports: AlarmedPorts;
  /** What kind of object it is, and its id, for the log. */
  protected abstract readonly named: { readonly kind: string; readonly id: string };

  /** Does what is due. */
  protected abstract ring(): Promise<void>;

  /**
   * Throws only where storage fails too. Where the platform says that a try was cut off, another alarm is set
   * first.
   */
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
   * Begins an event: gives the time of the alarm, null where none is set. The platform delivers no other event
   * while storage is read, so until `commit` nothing else happens as long as nothing is awaited.
   */
  protected begin(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  /** Writes rows and alarm, all or nothing. Leave out what has not changed: that costs no write then. */
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
