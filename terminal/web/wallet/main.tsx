import { townOfPage } from "../shared/http";
import { startPage } from "../shared/page";
import { sounds } from "../shared/sounds";
import { App } from "./app";
import { Purse } from "./purse";
import { startRoute } from "./route";
import "./wallet.css";

const purse = new Purse(townOfPage());
startRoute();
startPage(<App purse={purse} />);
// From the first touch on, so that a payment can be heard without another one.
sounds();
void purse.start();
