/**
 * The notes of the house's own sounds, and the voices they can be played in.
 *
 * A shop is loud below 1 kHz (voices, fridges, traffic) and people over seventy hear little above
 * 4 kHz, so every sound carries most of its strength in partials between 2 and 4 kHz. The four
 * sounds differ in melody and rhythm, not only in pitch: a clerk tells them apart without looking.
 */

export const SOUND_NAMES = ["paid", "topped_up", "refused", "attention"] as const;
export type SoundName = (typeof SOUND_NAMES)[number];

export const VOICES = ["chime", "bell", "pip"] as const;
export type Voice = (typeof VOICES)[number];

/** One struck note of a melody. */
export interface Note {
  start_s: number;
  hz: number;
  length_s: number;
  level: number;
}

/** One overtone of a voice: `ratio` × the note's frequency, fading `decay` times faster than the note. */
export interface Overtone {
  ratio: number;
  level: number;
  decay: number;
}

const MELODIES: Record<SoundName, readonly Note[]> = {
  // Up and open: two quick steps and a long high note.
  paid: [
    { start_s: 0, hz: 1174.7, length_s: 0.22, level: 0.8 },
    { start_s: 0.11, hz: 1480.0, length_s: 0.24, level: 0.85 },
    { start_s: 0.24, hz: 2349.3, length_s: 0.95, level: 1 },
  ],
  // Coins poured into a purse: five quick rising drops and a soft answer.
  topped_up: [
    { start_s: 0, hz: 1046.5, length_s: 0.16, level: 0.7 },
    { start_s: 0.075, hz: 1244.5, length_s: 0.16, level: 0.75 },
    { start_s: 0.15, hz: 1568.0, length_s: 0.16, level: 0.8 },
    { start_s: 0.225, hz: 1864.7, length_s: 0.2, level: 0.85 },
    { start_s: 0.3, hz: 2093.0, length_s: 0.45, level: 0.95 },
    { start_s: 0.62, hz: 1568.0, length_s: 0.7, level: 0.8 },
  ],
  // Down and closed, twice: nothing like the bright ones even through a wall.
  refused: [
    { start_s: 0, hz: 784.0, length_s: 0.2, level: 1 },
    { start_s: 0.2, hz: 523.3, length_s: 0.3, level: 1 },
    { start_s: 0.58, hz: 784.0, length_s: 0.2, level: 1 },
    { start_s: 0.78, hz: 523.3, length_s: 0.42, level: 1 },
  ],
  // A question at the door: the same pair asked three times.
  attention: [
    { start_s: 0, hz: 2217.5, length_s: 0.13, level: 0.95 },
    { start_s: 0.13, hz: 1661.2, length_s: 0.2, level: 0.9 },
    { start_s: 0.42, hz: 2217.5, length_s: 0.13, level: 0.95 },
    { start_s: 0.55, hz: 1661.2, length_s: 0.2, level: 0.9 },
    { start_s: 0.84, hz: 2217.5, length_s: 0.13, level: 0.95 },
    { start_s: 0.97, hz: 1661.2, length_s: 0.45, level: 0.9 },
  ],
};

const PARTIALS: Record<Voice, readonly Overtone[]> = {
  // A glass chime: almost pure, with a clear octave.
  chime: [
    { ratio: 1, level: 0.55, decay: 1 },
    { ratio: 2, level: 0.4, decay: 1.5 },
    { ratio: 3, level: 0.16, decay: 2.2 },
  ],
  // A struck bell: partials that are not multiples of each other, and a long tail.
  bell: [
    { ratio: 0.5, level: 0.18, decay: 0.7 },
    { ratio: 1, level: 0.5, decay: 0.8 },
    { ratio: 1.19, level: 0.22, decay: 1.1 },
    { ratio: 1.5, level: 0.18, decay: 1.3 },
    { ratio: 2, level: 0.3, decay: 1.4 },
    { ratio: 2.66, level: 0.14, decay: 2 },
  ],
  // A till's pip: odd partials, dry and hard, for the loudest shops.
  pip: [
    { ratio: 1, level: 0.6, decay: 0.45 },
    { ratio: 3, level: 0.32, decay: 0.5 },
    { ratio: 5, level: 0.12, decay: 0.6 },
  ],
};

// "Refused" lies low on purpose; these extra partials lift it into the band that cuts through.
const REFUSED_LIFT: readonly Overtone[] = [
  { ratio: 4, level: 0.3, decay: 0.9 },
  { ratio: 5, level: 0.22, decay: 0.9 },
];

/** The notes of a sound. */
export function melody(name: SoundName): readonly Note[] {
  return MELODIES[name];
}

/** The partials that one note of this sound has in this voice. */
export function partials(name: SoundName, voice: Voice): readonly Overtone[] {
  return name === "refused" ? [...PARTIALS[voice], ...REFUSED_LIFT] : PARTIALS[voice];
}

/** From the first attack to the last note's end, in seconds. */
export function length_s(name: SoundName): number {
  return Math.max(...MELODIES[name].map((note) => note.start_s + note.length_s));
}
