import type { OutcomeCode, OutcomeWords } from "./outcomes.ja";

/** Outcomes and errors: what happened, is the money safe, what next. */
export const outcomesEn: Record<OutcomeCode, OutcomeWords> = {
  id_reused: {
    what: "Another request already has this number",
    money: "untouched",
    next: "Please start again.",
  },
  wallet_unknown: {
    what: "This wallet was not found",
    money: "untouched",
    next: "Please sign in again.",
    next_shop: "Ask the customer to show a new code.",
  },
  wallet_frozen: {
    what: "This wallet is suspended for now",
    money: "untouched",
    next: "Please call the contact number.",
    next_shop: "Ask the customer to pay in another way.",
  },
  code_unknown: {
    what: "This code can't be used",
    money: "untouched",
    next: "Please show a new code.",
    next_shop: "Ask the customer to show a new code.",
  },
  code_expired: {
    what: "The code has expired",
    money: "untouched",
    next: "Please show a new code.",
    next_shop: "Ask the customer to show a new code.",
  },
  code_used: {
    what: "This code has already been used",
    money: "untouched",
    next: "Look in the history: the payment may be done already.",
    next_shop: "Check the list for the payment first; then ask for a new code.",
  },
  code_wrong_purpose: {
    what: "This code is for something else",
    money: "untouched",
    next: "Paying and topping up use different codes.",
    next_shop: "Ask for a payment code to take a payment, a top-up code to top up.",
  },
  shop_unknown: {
    what: "The shop was not found",
    money: "untouched",
    next: "Scan the shop's code again.",
  },
  shop_closed: {
    what: "This shop can't take payments now",
    money: "untouched",
    next: "Please ask the staff.",
    next_shop: "Please call the operator.",
  },
  terminal_revoked: {
    what: "This device may no longer be used",
    money: "untouched",
    next: "Please call the operator.",
  },
  payment_unknown: {
    what: "That payment was not found",
    money: "untouched",
    next: "Choose it from the list again.",
  },
  question_expired: {
    what: "The time for this question is over",
    money: "untouched",
    next: "To pay, please start again.",
  },
  question_answered: {
    what: "This question has been answered",
    money: "untouched",
    next: "See the history for the result.",
  },
  already_reversed: {
    what: "This payment has already been cancelled",
    money: "untouched",
    next: "See the history.",
  },
  reversal_too_late: {
    what: "It is too late to cancel this payment",
    money: "untouched",
    next: "Please ask the operator.",
  },
  amount_required: {
    what: "An amount is needed",
    money: "untouched",
    next: "Please enter the amount.",
  },
  amount_mismatch: {
    what: "The code's amount and the shop's amount differ",
    money: "untouched",
    next: "Check the amount with the staff.",
    next_shop: "Check the amount with the customer and scan again.",
  },
  over_reversible: {
    what: "More than can be cancelled",
    money: "untouched",
    next: "Enter no more than what is left.",
  },
  over_clerk_limit: {
    what: "Cancelling this amount needs the manager's PIN",
    what_exactly: "Cancelling more than {limit} needs the manager's PIN",
    money: "untouched",
    next: "Please enter the manager's PIN.",
  },
  over_limit: {
    what: "More than may be paid at once",
    what_exactly: "At most {limit} may be paid at once",
    money: "untouched",
    next: "Please choose a smaller amount.",
  },
  under_limit: {
    what: "The amount is too small",
    what_exactly: "At least {limit} is needed",
    money: "untouched",
    next: "Please check the amount.",
  },
  off_step: {
    what: "This amount is not accepted",
    what_exactly: "Amounts go in steps of {limit}",
    money: "untouched",
    next: "Please check the amount.",
  },
  over_balance_cap: {
    what: "The balance would become too large",
    what_exactly: "The balance may not go above {limit}",
    money: "untouched",
    next: "Please top up less.",
  },
  value_spent: {
    what: "The topped-up value has been spent, so it can't be cancelled",
    money: "untouched",
    next: "Please ask the operator.",
  },
  duplicate_suspected: {
    what: "The same shop and amount as a moment ago",
    money: "first_stands",
    next: "Please choose whether you mean to pay again.",
    next_shop: "The customer is being asked. Please have them look at their screen.",
  },
  insufficient_funds: {
    what: "The balance is not enough",
    what_exactly: "The balance is not enough ({available} can be used)",
    money: "untouched",
    next: "Top up, or pay a smaller amount.",
    next_shop: "The customer can top up, or pay in another way.",
  },

  busy: {
    what: "Very busy just now",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  unavailable: {
    what: "Not possible just now",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  pin_wrong: {
    what: "The PIN is wrong",
    what_exactly: "The PIN is wrong ({left} tries left)",
    money: "untouched",
    next: "Please enter it again.",
  },
  pin_locked: {
    what: "Stopped after several wrong PINs",
    what_exactly: "Stopped after several wrong PINs ({minutes} minutes left)",
    money: "untouched",
    next: "Wait a while, or call the contact number. Your balance is as it was.",
    next_shop: "Wait a while, or call the operator.",
  },
  not_allowed: {
    what: "This is not allowed",
    money: "untouched",
    next: "Please call the contact number.",
  },
  invalid: {
    what: "Something is missing or not right",
    money: "untouched",
    next: "Please check what you entered.",
  },
  too_fast: {
    what: "Too many tries",
    what_exactly: "Too many tries (wait {seconds} seconds)",
    money: "untouched",
    next: "Please wait a moment and try again.",
  },
  in_progress: {
    what: "Being processed",
    money: "unknown",
    next: "Please wait.",
  },

  not_sent: {
    what: "The payment has not been made",
    money: "untouched",
    next: "To go on, please start again.",
    next_shop: "Please scan again.",
  },
  no_answer: {
    what: "There was no answer",
    money: "untouched",
    next: "Check the connection and try again.",
  },
  network: {
    what: "No connection",
    money: "safe",
    next: "Check the signal or Wi-Fi and try again.",
  },
  signed_out: {
    what: "Your sign-in has expired",
    money: "safe",
    next: "Please sign in again.",
  },
  sign_in_wrong: {
    what: "The phone number or the password is wrong",
    money: "safe",
    next: "Check them and try again.",
  },
  code_wrong: {
    what: "The code is wrong",
    what_exactly: "The code is wrong ({left} tries left)",
    money: "safe",
    next: "Check the 6 digits in the SMS.",
  },
  challenge_over: {
    what: "The code has expired",
    money: "safe",
    next: "Please start again; a new code will be sent.",
  },
  already_registered: {
    what: "This phone number is already registered",
    money: "safe",
    next: "Please sign in.",
  },
  enrolment_refused: {
    what: "This enrolment code can't be used",
    money: "safe",
    next: "Ask the operator for a new one.",
  },
  not_found: {
    what: "Nothing was found",
    money: "untouched",
    next: "Please check the number.",
  },
  sign_in_locked: {
    what: "Stopped after several wrong passwords",
    what_exactly: "Stopped after several wrong passwords ({minutes} minutes left)",
    money: "safe",
    next: "Please try again later.",
  },
  sms_too_many: {
    what: "Too many codes were sent to this number",
    money: "safe",
    next: "Look for the SMS, or wait about an hour.",
  },
  sms_unavailable: {
    what: "The SMS could not be sent",
    money: "safe",
    next: "Wait a minute and try again.",
  },
  origin_refused: {
    what: "This page may not do that",
    money: "safe",
    next: "Please open the right address.",
  },
  malformed: {
    what: "What was sent could not be read",
    money: "safe",
    next: "Reload the page and try again.",
  },
  media_type: {
    what: "What was sent could not be read",
    money: "safe",
    next: "Reload the page and try again.",
  },
  too_large: {
    what: "What was sent is too large",
    money: "safe",
    next: "Make it shorter and try again.",
  },
  method_not_allowed: {
    what: "This can't be done",
    money: "safe",
    next: "Reload the page and try again.",
  },
  mark_taken: {
    what: "This mark is another shop's",
    money: "safe",
    next: "Take it off that shop first.",
  },
  scan_unknown: {
    what: "The shop with this code doesn't take part yet",
    money: "untouched",
    next: "Please ask the staff. If you typed the number, check it once more.",
  },
  scan_broken: {
    what: "The code could not be read properly",
    money: "untouched",
    next: "Scan again, or check the number and type it.",
  },
  scan_altered: {
    what: "This code was changed, or misread",
    money: "untouched",
    next: "Scan again. If it stays so, don't pay, and tell the staff.",
  },
  scan_foreign: {
    what: "This code is not of this currency",
    money: "untouched",
    next: "Scan the code of this currency, or the JPQR code, that stands in the shop.",
  },
  scan_card: {
    what: "This is a card payment's code, not a shop's",
    money: "untouched",
    next: "Scan the code of this currency that stands in the shop.",
  },
  scan_other_town: {
    what: "This code is from another town",
    money: "untouched",
    next: "Please scan a code of this town.",
  },
  scan_not_shop: {
    what: "This is not the code that a shop puts up",
    money: "untouched",
    next: "Scan the code of this currency that stands in the shop.",
  },
  internal: {
    what: "Something unexpected went wrong",
    money: "safe",
    next: "Wait a moment and try again. If it goes on, call the contact number.",
  },
  fault: {
    what: "Something unexpected went wrong",
    money: "safe",
    next: "Wait a moment and try again. If it goes on, call the contact number.",
  },
};
