/** As much of the platform's types as the consumers name, where they are checked for Node. */
interface Message {
  readonly id: string;
  readonly attempts: number;
  readonly body: unknown;
  ack(): void;
  retry(options?: { readonly delaySeconds: number }): void;
}
