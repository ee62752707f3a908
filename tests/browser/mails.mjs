// The mails that the service has sent, in the file MAILS.

import { readFile } from "node:fs/promises";

const PATIENCE_MS = 30_000;

/** The link in the last mail to this address, which may be on its way. */
export async function linkTo(email) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const text = await readFile(process.env.MAILS, "utf8").catch(() => "");
    const mail = text.slice(text.lastIndexOf(`\nTo: ${email}\n`));
    const link = text.includes(`\nTo: ${email}\n`) && mail.match(/^https:\S+#token=\S+$/m);
    if (link) {
      return link[0];
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no mail to ${email}`);
}
