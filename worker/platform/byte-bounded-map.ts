/**
 * A map bounded in bytes. When the bound is passed, the least recently used items are dropped. One item may
 * take an eighth of it; a larger one is not kept.
 */
export class ByteBoundedMap<V> {
  readonly #items = new Map<string, { readonly value: V; readonly bytes: number }>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  get(key: string): V | undefined {
    const item = this.#items.get(key);
    if (!item) return undefined;
    this.#items.delete(key);
    this.#items.set(key, item);
    return item.value;
  }

  /** `valueBytes` is what the value takes; the key's own share and the map's are added here. */
  set(key: string, value: V, valueBytes: number): void {
    this.delete(key);
    const bytes = valueBytes + key.length * 2 + ITEM_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes / 8) return;
    this.#items.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#items.get(key)?.bytes ?? 0;
    this.#items.delete(key);
  }
}

/** About what V8 takes for a map's slot, the item's object and a small value object. */
export const ITEM_OVERHEAD_BYTES = 200;
