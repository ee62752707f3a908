// The orders of the list, for tasks that come to it without a page.

const BY = {
  created_at: compareOn((task) => moment(task.created_at)),
  updated_at: compareOn((task) => moment(task.updated_at ?? task.created_at)),
  due_date: compareOn((task) => task.due_date),
  title: (one, other) => one.title.localeCompare(other.title),
};

/** Compares two tasks in the order that `sort` names as the API does, `-created_at` and so on. */
export function comparing(sort) {
  const isDescending = sort.startsWith("-");
  const compare = BY[sort.replace("-", "")];
  return (one, other) => {
    const order = compare(one, other) || compareOn((task) => task.id)(one, other);
    return isDescending ? -order : order;
  };
}

/** By what the API writes so that texts have the order of what they mean; null comes last. */
function compareOn(read) {
  return (one, other) => {
    const [a, b] = [read(one), read(other)];
    if (a === b) {
      return 0;
    }
    return a !== null && (b === null || a < b) ? -1 : 1;
  };
}

/** Without the zone, which is always UTC, the shorter one of two equal beginnings is the earlier. */
function moment(time) {
  return time.replace("Z", "");
}
