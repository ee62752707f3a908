//! Counters of PostgreSQL and of the kernel.

use std::fs;

use tokio_postgres::Client;

/// Write-ahead log and index entries of some operations.
pub struct Written {
    pub wal_bytes: f64,
    pub index_entries: f64,
    /// The share of updates that wrote into no index.
    pub hot: Option<f64>,
}

/// The place in the write-ahead log.
pub async fn position(superuser: &Client) -> String {
    let row = superuser
        .query_typed_one("select pg_current_wal_insert_lsn()::text", &[])
        .await;
    row.expect("the superuser may").get(0)
}

/// The writes between two places, per operation.
pub async fn written(superuser: &Client, from: &str, to: &str, operations: usize) -> Written {
    let sql = format!(
        "select
            coalesce(sum(record_length) filter (where fpi_length = 0), 0)::float8,
            (count(*) filter (where resource_manager = 'Btree' and record_type like 'INSERT%'))::float8,
            (count(*) filter (where resource_manager = 'Heap' and record_type = 'HOT_UPDATE'))::float8,
            (count(*) filter (where resource_manager = 'Heap' and record_type in ('UPDATE', 'HOT_UPDATE')))::float8
        from pg_get_wal_records_info('{from}', '{to}')
        where resource_manager <> 'Standby'"
    );
    let row = superuser
        .query_typed_one(&sql, &[])
        .await
        .expect("pg_walinspect is there");
    let (hot, updates): (f64, f64) = (row.get(2), row.get(3));
    Written {
        wal_bytes: row.get::<_, f64>(0) / operations as f64,
        index_entries: row.get::<_, f64>(1) / operations as f64,
        hot: (updates > 0.0).then(|| hot / updates),
    }
}

/// Milliseconds of processor time that a process has used.
pub fn processor_ms(process: i32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).expect("it runs");
    let nanoseconds: f64 = text
        .split_whitespace()
        .next()
        .and_then(|it| it.parse().ok())
        .expect("it is a number");
    nanoseconds / 1e6
}
