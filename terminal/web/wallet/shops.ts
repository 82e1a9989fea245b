/** The shop behind a sticker. */
import type { Trouble } from "../shared/explain";
import { type Api, ApiFailure } from "../shared/http";
import type { ShopInfo } from "../shared/protocol";

export type FoundShop = { shop: ShopInfo } | { trouble: Trouble };

/** Looks a shop up by its sticker's code, whose check digit has held already. */
export async function findShop(api: Api, code: string): Promise<FoundShop> {
  try {
    return { shop: await api.get<ShopInfo>(`shops/${code}`) };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    const known = error.code === "not_found" ? "shop_unknown" : error.code;
    return { trouble: { ...error.detail, code: known, detail: null } };
  }
}
