/**
 * What a screen remembers across a reload: small values in the browser's storage, by a namespace.
 *
 * Storage may be full, forbidden or evicted. Nothing here is the only copy of money data; where the
 * browser refuses, the value lives as long as the page.
 */

export interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  readonly length: number;
  key(index: number): string | null;
}

/** A `Store` in the page's own memory, for where the browser has none. */
export class PageStore implements Store {
  private readonly values = new Map<string, string>();

  get length(): number {
    return this.values.size;
  }
  key(index: number): string | null {
    return [...this.values.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
  removeItem(key: string): void {
    this.values.delete(key);
  }
}

function browserStore(): Store {
  try {
    localStorage.setItem("koban.probe", "1");
    localStorage.removeItem("koban.probe");
    return localStorage;
  } catch {
    return new PageStore();
  }
}

let theStore: Store | null = null;

/** The browser's storage, or the page's own memory where the browser has none to give. */
export function store(): Store {
  theStore ??= browserStore();
  return theStore;
}

/** Values of one kind under `koban.{namespace}.…`, as JSON. */
export class Memory {
  constructor(
    private readonly namespace: string,
    private readonly place: Store = store(),
  ) {}

  read<T>(name: string): T | null {
    try {
      return JSON.parse(this.place.getItem(this.key(name)) ?? "null") as T | null;
    } catch {
      return null;
    }
  }

  write(name: string, value: unknown): void {
    try {
      this.place.setItem(this.key(name), JSON.stringify(value));
    } catch {
      // Full or forbidden: the page goes on with what it holds in memory.
    }
  }

  forget(name: string): void {
    try {
      this.place.removeItem(this.key(name));
    } catch {
      // As above.
    }
  }

  names(prefix: string): string[] {
    const start = this.key(prefix);
    const found: string[] = [];
    for (let index = 0; index < this.place.length; index++) {
      const key = this.place.key(index);
      if (key?.startsWith(start)) found.push(key.slice(this.key("").length));
    }
    return found.sort();
  }

  private key(name: string): string {
    return `koban.${this.namespace}.${name}`;
  }
}

// A busy shop's tablet sees a few thousand payments a day; only what could come again matters.
const SEEN_MAX = 500;

/** Things that may happen only once on this screen, also after a reload: a sound, a full-screen success. */
export class Once {
  private seen: string[];

  constructor(
    private readonly memory: Memory,
    private readonly name: string = "seen",
  ) {
    this.seen = memory.read<string[]>(name) ?? [];
  }

  /** True the first time this key is given, false ever after. */
  first(key: string): boolean {
    // Another window of the same screen may have written since.
    this.seen = this.memory.read<string[]>(this.name) ?? this.seen;
    if (this.seen.includes(key)) return false;
    this.seen = [...this.seen, key].slice(-SEEN_MAX);
    this.memory.write(this.name, this.seen);
    return true;
  }
}

/** The key of one event for `Once`: a payment's result and its feed event have the same. */
export function eventKey(kind: string, receipt: { id: string }): string {
  return `${kind}:${receipt.id}`;
}
