/**
 * The HTTP API below `/api/{town}`.
 *
 * Every failure is an `ApiFailure` with a code that `explain` has words for: the gateway's own code,
 * or `network` (no answer came) where what became of the request is not known.
 */
import type { ApiError, Ticket } from "./protocol";

const PATIENCE_MS = 15_000;

export class ApiFailure extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: ApiError | null,
  ) {
    super(detail?.message ?? code);
  }
}

export class Api {
  constructor(readonly town: string) {}

  /** `get("")` is the town itself. */
  get<T>(path: string): Promise<T> {
    return this.call<T>("GET", path);
  }
  post<T>(path: string, body: object = {}): Promise<T> {
    return this.call<T>("POST", path, body);
  }
  put<T>(path: string, body: object): Promise<T> {
    return this.call<T>("PUT", path, body);
  }
  delete<T>(path: string): Promise<T> {
    return this.call<T>("DELETE", path);
  }

  /** A ticket opens one websocket, once. */
  async ticket(role: "wallet" | "terminal" | "console"): Promise<string> {
    return (await this.post<Ticket>("ticket", { role })).ticket;
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
    try {
      const response = await fetch(`/api/${this.town}${path && `/${path}`}`, {
        method,
        credentials: "same-origin",
        cache: "no-store",
        signal: abort.signal,
        headers: body ? { "Content-Type": "application/json" } : {},
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const answer: unknown = await response.json().catch(() => null);
      if (response.ok && answer !== null) return answer as T;
      throw failureOf(response.status, answer);
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
      throw new ApiFailure("network", 0, null);
    } finally {
      clearTimeout(timer);
    }
  }
}

function failureOf(status: number, answer: unknown): ApiFailure {
  const detail = answer as ApiError | null;
  if (detail && typeof detail.code === "string") return new ApiFailure(detail.code, status, detail);
  return new ApiFailure(status === 401 ? "signed_out" : "fault", status, null);
}

/** The town's code stands first in every address of a screen: `/nagaoka/wallet`. */
export function townOfPage(path: string = location.pathname): string {
  return path.split("/")[1] ?? "";
}
