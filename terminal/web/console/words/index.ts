import { translator } from "../../shared/i18n";
import { en } from "./en";
import { ja } from "./ja";

/** The console's words. */
export const t = translator(ja, en);
