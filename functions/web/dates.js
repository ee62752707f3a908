// Due dates are days of the calendar, without a time and a time zone.

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const DAY_MS = 86_400_000;

/** Today on the user's calendar, as the API writes days. */
export function today() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** `{ text: "Tomorrow", full: "Friday, 1 January 2027", isOverdue: false }` of a task that is due. */
export function due({ due_date, completed }) {
  const day = Date.parse(due_date);
  const days = Math.round((day - Date.parse(today())) / DAY_MS);
  const isOverdue = days < 0 && !completed;
  const text = near(days) ?? calendar(day, days);
  return {
    text: isOverdue ? `Overdue: ${text}` : capital(text),
    full: format(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    isOverdue,
  };
}

function near(days) {
  return Math.abs(days) <= 6 ? RELATIVE.format(days, "day") : null;
}

function calendar(day, days) {
  const year = Math.abs(days) > 300 ? { year: "numeric" } : {};
  return format(day, { day: "numeric", month: "short", ...year });
}

function format(day, options) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(day);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
