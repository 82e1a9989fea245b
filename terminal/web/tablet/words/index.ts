import { translator } from "../../shared/i18n";
import { en } from "./en";
import { ja } from "./ja";

/** The tablet's words. */
export const t = translator(ja, en);
