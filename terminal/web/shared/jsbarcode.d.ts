declare module "jsbarcode/bin/barcodes/CODE128/CODE128C.js" {
  export class Code128C {
    constructor(digits: string, options: object);
    encode(): { data: string };
  }
  const module: { default: typeof Code128C } | typeof Code128C;
  export default module;
}
