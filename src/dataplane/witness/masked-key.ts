// The value of an API key as logs show it: enough to tell keys apart, and of no use to anybody.

const SIGNS_SHOWN = 6;
/** Of a short one nothing is shown. */
const CHARACTERS_MIN = 20;

export function maskedKey(value: string): string {
  return `**********${value.length < CHARACTERS_MIN ? '' : value.slice(-SIGNS_SHOWN)}`;
}
