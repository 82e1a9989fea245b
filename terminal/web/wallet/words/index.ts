import { translator } from "../../shared/i18n";
import { en } from "./en";
import { ja } from "./ja";

/** The wallet's words. */
export const w = translator(ja, en);
