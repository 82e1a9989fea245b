/** Whole yen and points, as people read them; and the digits people type. */

/** `1234567` → `1,234,567`. */
export function withSeparators(amount: number): string {
  const digits = Math.abs(Math.trunc(amount)).toString();
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, ",");
  return amount < 0 ? `−${grouped}` : grouped;
}

export function yen(amount: number, language: string): string {
  return language === "ja" ? `${withSeparators(amount)}円` : `¥${withSeparators(amount)}`;
}

/** Full-width digits, as a Japanese keyboard gives them, become plain ones; all else goes. */
export function digitsOf(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "");
}

/** One more key on an amount's keypad; what would go past `max` or begin with 0 changes nothing. */
export function typeDigits(amount: number, key: string, max: number): number {
  const next = Number(`${amount}${key}`);
  return Number.isSafeInteger(next) && next <= max ? next : amount;
}

/** `1234567890123456` → `1234 5678 9012 3456`. */
export function inFours(digits: string): string {
  return digits.replace(/(\d{4})(?=\d)/g, "$1 ");
}

/** Luhn's check digit holds: the last digit of a shop's code guards the others. */
export function luhnHolds(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = place % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
