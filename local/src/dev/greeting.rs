//! The text that `cargo dev` prints when it is ready: lines to paste.

use super::database::Database;

/// The text at the start.
pub(super) const PLAN: &str = "\
Starting PostgreSQL and PgBouncer, compiling the functions, then serving them.
The first time this takes minutes, because everything is compiled and what is
missing is installed; from then on seconds.";

/// The text for a service on `port`.
pub(super) fn text(port: u16, database: &Database) -> String {
    let address = format!("http://127.0.0.1:{port}");
    let operators = database.for_operators().map_or_else(String::new, |paths| {
        let (certificate, url) = (paths.0.display(), paths.1.display());
        format!(
            "\nthe database as its owner, in a shell and for another program such as Better Auth:\n\n\
             PGSSLROOTCERT='{certificate}' psql \"$(cat '{url}')\"\n\
             NODE_EXTRA_CA_CERTS='{certificate}' DATABASE_URL=\"$(cat '{url}')\" npm run dev\n"
        )
    });
    format!(
        r#"
ready: {address}

register, create a task, list tasks:

token=$(curl -sS {address}/api/v1/auth/register -H 'content-type: application/json' -d '{{"name":"Ada","email":"ada-'$(date +%s)'@example.com","password":"correct horse battery staple"}}' | sed 's/.*"access_token" *: *"\([^"]*\)".*/\1/')
curl -sS {address}/api/v1/tasks -H "authorization: Bearer $token" -H 'content-type: application/json' -d '{{"title":"Buy milk"}}'
curl -sS {address}/api/v1/tasks -H "authorization: Bearer $token"
{operators}
Ctrl-C stops everything.
"#
    )
}
