import { townOfPage } from "../shared/http";
import { startPage } from "../shared/page";
import { App } from "./app";
import { Purse } from "./purse";
import { startRoute } from "./route";
import "./wallet.css";

const purse = new Purse(townOfPage());
startRoute();
startPage(<App purse={purse} />);
void purse.start();
