import { describe, expect, it } from "vitest";
import { length_s, melody, partials, SOUND_NAMES, VOICES } from "../shared/melodies";
import { gainOf } from "../shared/sounds";

const each = SOUND_NAMES.flatMap((name) => VOICES.map((voice) => [name, voice] as const));

describe("the sounds", () => {
  it.each(each)(
    "%s in the voice %s has strength where a shop is quiet (1.5–4.5 kHz)",
    (name, voice) => {
      let inside = 0;
      let all = 0;
      for (const note of melody(name)) {
        for (const partial of partials(name, voice)) {
          const hz = note.hz * partial.ratio;
          const energy = (note.level * partial.level) ** 2 * note.length_s;
          all += energy;
          if (hz >= 1500 && hz <= 4500) inside += energy;
        }
      }
      expect(inside / all).toBeGreaterThan(name === "refused" ? 0.15 : 0.4);
    },
  );

  it("are over before the next customer", () => {
    for (const name of SOUND_NAMES) expect(length_s(name)).toBeLessThan(1.6);
  });

  it("go up for good news and down for a refusal", () => {
    const rises = (name: "paid" | "refused") => {
      const notes = melody(name);
      return (notes[notes.length - 1]?.hz ?? 0) > (notes[0]?.hz ?? 0);
    };
    expect(rises("paid")).toBe(true);
    expect(rises("refused")).toBe(false);
  });

  it("differ from each other in rhythm", () => {
    const rhythms = SOUND_NAMES.map((name) =>
      melody(name)
        .map((note) => note.start_s)
        .join(),
    );
    expect(new Set(rhythms).size).toBe(SOUND_NAMES.length);
  });

  it("keep the volume between silence and full", () => {
    expect([-1, 0, 0.5, 1, 2].map(gainOf)).toEqual([0, 0, 0.25, 1, 1]);
  });
});
