// Due dates are days of the calendar, without a time and a time zone.

const DAY_MS = 86_400_000;

/** The reader's own way to write dates, if it is one of this page's language. */
const LANGUAGE = document.documentElement.lang;
const LOCALE = navigator.languages.find((tag) => tag.split("-")[0] === LANGUAGE) ?? LANGUAGE;

// Made once, because that takes longer than to use them for a whole list.
const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const FULL = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const SHORT = format({ day: "numeric", month: "short" });
const OF_YEAR = format({ day: "numeric", month: "short", year: "numeric" });

/** Today on the user's calendar, as the API writes days. */
export function today() {
  return written(new Date());
}

export function tomorrow() {
  const now = new Date();
  return written(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1));
}

/** `{ text: "Tomorrow", full: "Friday, 1 January 2027", isOverdue: false }` of a task that is due. */
export function due({ due_date, completed }) {
  const day = Date.parse(due_date);
  const days = Math.round((day - Date.parse(today())) / DAY_MS);
  const isOverdue = days < 0 && !completed;
  const text = near(days) ?? calendar(day, days);
  return {
    text: isOverdue ? `Overdue: ${text}` : capital(text),
    full: FULL.format(day),
    isOverdue,
  };
}

function written(date) {
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function near(days) {
  return Math.abs(days) <= 6 ? RELATIVE.format(days, "day") : null;
}

function calendar(day, days) {
  return (Math.abs(days) > 300 ? OF_YEAR : SHORT).format(day);
}

function format(options) {
  return new Intl.DateTimeFormat(LOCALE, { timeZone: "UTC", ...options });
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
