import { translator } from "../../shared/i18n";
import { en } from "./en";
import { ja } from "./ja";

/** The demo page's words. */
export const t = translator(ja, en);
