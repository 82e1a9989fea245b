/** Whose a payer's code is that this town's wallets don't show. */
import { type Api, ApiFailure } from "../shared/http";
import type { PayerRead, ReadPayer } from "../shared/protocol";

/** The gateway's word for why a scanned text is no code of this town; null where it has none. */
export async function whyNot(api: Api, text: string): Promise<string | null> {
  const body: ReadPayer = { text };
  try {
    await api.post<PayerRead>("terminal/codes/read", body);
    return null;
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    // Without an answer the clerk is told what the tablet itself knows.
    return error.code.startsWith("scan_") ? error.code : null;
  }
}
