//! How long a patient's page takes: with a hundred rows in the table of entries, and with ten million of others.

use std::time::{Duration, Instant};

use app::on;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{Site, account, answer, token};

const FEW: i64 = 100;
const MANY: i64 = 10_000_000;
/// How many rows are added in one statement.
const STEP: i64 = 500_000;
/// How many entries the other accounts have each.
const EACH: i64 = 1_000;
/// How often the page is read for a median.
const TIMES: usize = 400;
/// How many times as long it may take among many.
const MOST: f64 = 1.5;
/// The patient's own days, decrypted for it.
const PAGE: &str = "/account/diary";

/// Whether the page is fast enough. What the table has is of this patient and nobody else at first.
pub async fn compare(engine: &str, site: &Site) -> bool {
    keep_few(site).await;
    let few = median(site).await;
    println!("{engine}: adding {MANY} rows of others, which takes minutes");
    for from in (0..MANY).step_by(usize::try_from(STEP).unwrap()) {
        add(site, from).await;
    }
    let many = median(site).await;
    let times = many.as_secs_f64() / few.as_secs_f64();
    println!(
        "{engine}: a patient's page in {few:.2?} among {FEW} rows and in {many:.2?} among {MANY}: {times:.2} times, and at most {MOST}"
    );
    times <= MOST
}

/// Leaves the days of the first patient, and of others as many as make them [`FEW`].
async fn keep_few(site: &Site) {
    let first = account(0);
    let written = site.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(
                "delete from health_entry where account_id <> $1 and (account_id <> $2 or revision > 10)",
            )
            .bind(first)
            .bind(account(1))
            .execute(connection)
            .await
            .map(drop))?;
            Ok(())
        })
    });
    written.await.unwrap();
}

/// Rows of the length that a day has, sealed; nobody opens them.
async fn add(site: &Site, from: i64) {
    let statement = match &site.state.db {
        app::db::Db::Sqlite { .. } => {
            "with recursive row (n) as (select $1 union all select n + 1 from row where n + 1 < $1 + $2)
             insert into health_entry (account_id, id, about, revision, sealed, saved_at)
             select unhex(printf('%032x', n / $3)), randomblob(16), date('2024-01-01', '+' || (n % $3) || ' days'), n % $3,
                    randomblob(552), 0
             from row"
        }
        app::db::Db::Postgres(_) => {
            "insert into health_entry (account_id, id, about, revision, sealed, saved_at)
             select lpad(to_hex(n / $3), 32, '0')::uuid, gen_random_uuid(), (date '2024-01-01' + (n % $3)::int)::text,
                    n % $3, decode(repeat(md5(n::text), 34), 'hex'), 0
             from generate_series($1, $1 + $2 - 1) as n"
        }
    };
    let written = site.state.db.write(move |mut tx| {
        Box::pin(async move {
            on!(tx &mut tx, connection => sqlx::query(statement)
                .bind(from)
                .bind(STEP)
                .bind(EACH)
                .execute(connection)
                .await
                .map(drop))?;
            Ok(())
        })
    });
    written.await.unwrap();
}

async fn median(site: &Site) -> Duration {
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!(
        "GET {PAGE} HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 10.1.0.1\r\ncookie: session={}\r\n\r\n",
        token(0)
    );
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let page = answer(&mut stream).await;
        times.push(begun.elapsed());
        assert!(String::from_utf8_lossy(&page).contains("Your diary"), "not the page");
    }
    times.sort_unstable();
    times[TIMES / 2]
}
