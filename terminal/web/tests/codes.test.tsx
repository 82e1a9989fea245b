import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { encode } from "uqr";
import { beforeAll, describe, expect, it } from "vitest";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { barsOf } from "../shared/code128";

const CODE = "8201493827165043";

/** A picture of black and white modules, as a camera would see it straight on. */
function picture(rows: boolean[][], scale: number, quiet: number): ImageData {
  const width = ((rows[0]?.length ?? 0) + 2 * quiet) * scale;
  const height = (rows.length + 2 * quiet) * scale;
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  rows.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (!isDark) return;
      for (let down = 0; down < scale; down++) {
        for (let across = 0; across < scale; across++) {
          const place = ((y + quiet) * scale + down) * width + (x + quiet) * scale + across;
          data.fill(0, place * 4, place * 4 + 3);
        }
      }
    });
  });
  return { data, width, height, colorSpace: "srgb" } as ImageData;
}

beforeAll(() => {
  const file = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(file)).buffer } });
});

describe("codes on the screen", () => {
  it("shows a QR that a scanner reads", async () => {
    const { data } = encode(CODE, { ecc: "M", border: 0 });
    const found = await readBarcodes(picture(data, 4, 4), { formats: ["QRCode"] });
    expect(found.map((code) => code.text)).toEqual([CODE]);
  });

  it("shows bars that a scanner reads", async () => {
    const row = [...barsOf(CODE)].map((bar) => bar === "1");
    const found = await readBarcodes(
      picture(
        Array.from({ length: 40 }, () => row),
        2,
        10,
      ),
      { formats: ["Code128"] },
    );
    expect(found.map((code) => code.text)).toEqual([CODE]);
  });

  it("refuses digits that set C can't carry", () => {
    expect(() => barsOf("123")).toThrow(RangeError);
  });
});
