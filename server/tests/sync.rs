//! Sync, as devices meet it: what is sent twice, in parts, late, by a wrong clock or by somebody else, and that nothing of it
//! is lost. On both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, path::Path};

use app::{
    AppState, Error,
    account::{consent::Consented, deletion},
    content,
    day::Day,
    on,
    tracker::{
        entry::{Entry, Value, from_record, to_record},
        log::{Change, DayLog, Measure, Place as Where, Side, Words},
        sheet::{Kept, Sheet},
        store,
        sync::{Account, Answer, MEDIA_TYPE, MOST_BYTES, MOST_ENTRIES, PATH, Sent, Shared},
    },
    triage::Urgency,
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode, header},
};
use futures_util::future::join_all;
use http_body_util::BodyExt;
use server::{assets::Assets, limits::Limits, router};
use sha2::{Digest, Sha256};
use support::{
    NOW,
    device::Device,
    engines::{Engine, engines},
};
use tower::ServiceExt;
use uuid::Uuid;

const ANNA: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000a);
const BEN: Uuid = Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_000b);
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// The site on one engine, with Anna and Ben, who agreed to have their entries kept.
struct Place {
    engine: Engine,
    state: AppState,
    router: Router,
}

async fn places(test: &str) -> Vec<Place> {
    let _ = any_spawner::Executor::init_tokio();
    let mut places = vec![];
    for engine in engines(&format!("sync_{test}")).await {
        let state = engine.state().await;
        let router = router::router(state.clone(), Assets::default(), Limits::default());
        let place = Place { engine, state, router };
        for account in [ANNA, BEN] {
            place.make_account(account).await;
            place.agree(account, 1).await;
        }
        places.push(place);
    }
    places
}

impl Place {
    fn name(&self) -> &'static str {
        self.engine.name
    }

    async fn run(&self, statement: &'static str, account: Uuid, number: i64, text: String) {
        let written = self.state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(statement)
                    .bind(account)
                    .bind(number)
                    .bind(text)
                    .execute(connection)
                    .await
                    .map(drop))?;
                Ok(())
            })
        });
        written.await.unwrap();
    }

    async fn make_account(&self, account: Uuid) {
        let statement = "insert into account (id, email, email_key, password_hash, roles, created_at)
                         values ($1, $3, $3, '', '', $2)";
        self.run(statement, account, 0, format!("{account}@example.org")).await;
        let token = Sha256::digest(token(account)).to_vec();
        let now = NOW.millis_i64();
        let written = self.state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into session (token_hash, id, account_id, stage, strong, remember, device, created_at, seen_at,
                                          expires_at, confirmed_at)
                     values ($1, $2, $2, 'full', false, false, '', $3, $3, $4, $3)",
                )
                .bind(token)
                .bind(account)
                .bind(now)
                .bind(now + HOUR)
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        });
        written.await.unwrap();
        self.state.vault.make_key(account).await.unwrap();
    }

    /// By a consent of this number.
    async fn agree(&self, account: Uuid, number: u128) {
        let id = Uuid::from_u128(account.as_u128() + (number << 16));
        let written = self.state.db.write(move |mut tx| {
            Box::pin(async move {
                on!(tx &mut tx, connection => sqlx::query(
                    "insert into consent (account_id, id, kind, version, given_at) values ($1, $2, 'entries', 2, 0)",
                )
                .bind(account)
                .bind(id)
                .execute(connection)
                .await
                .map(drop))?;
                Ok(())
            })
        });
        written.await.unwrap();
    }

    /// On the page of consents.
    async fn withdraw(&self, account: Uuid) {
        let request = Request::post("/account/consents/entries/withdraw")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, format!("session={}", token(account)))
            .extension(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 1))))
            .body(Body::empty())
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.headers().get(header::LOCATION).unwrap(), "/account/consents", "{}", self.name());
    }

    /// Whether days of the account lie opened in memory.
    fn has_opened(&self, account: Uuid) -> bool {
        format!("{:?}", self.state.recent).contains(&account.to_string())
    }

    async fn post(&self, whom: Option<Uuid>, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        self.post_as(whom, MEDIA_TYPE, "same-origin", body).await
    }

    async fn post_as(&self, whom: Option<Uuid>, kind: &str, site: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let mut request = Request::post(PATH).header(header::CONTENT_TYPE, kind).header("sec-fetch-site", site);
        if let Some(account) = whom {
            request = request.header(header::COOKIE, format!("session={}", token(account)));
        }
        let request = request.extension(ConnectInfo(std::net::SocketAddr::from(([127, 0, 0, 1], 1))));
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        assert!(parts.headers.get(header::CONTENT_ENCODING).is_none(), "not compressed");
        assert_eq!(parts.headers.get(header::CACHE_CONTROL).unwrap(), "no-store");
        (parts.status, body.collect().await.unwrap().to_bytes().to_vec())
    }

    async fn send(&self, whom: Option<Uuid>, sent: &Sent) -> (StatusCode, Answer) {
        let (status, body) = self.post(whom, to_record(sent)).await;
        let answer = from_record(&body);
        (status, answer.unwrap_or_else(|why| panic!("{}: {status} {why:?}", self.name())))
    }

    /// Every entry that is kept for the account.
    async fn entries(&self, account: Uuid) -> Vec<Entry> {
        let kept = store::entries_after(&self.state, account, 0, 10_000).await.unwrap();
        kept.into_iter().map(|kept| kept.entry).collect()
    }

    async fn log(&self, account: Uuid, day: Day) -> DayLog {
        DayLog::of(day, &self.entries(account).await)
    }
}

/// What a browser has in its cookie.
fn token(account: Uuid) -> String {
    format!("{}{}", account.simple(), account.simple())
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn sunday() -> Day {
    day("2026-11-22")
}

fn pain(score: u16) -> Change {
    Change::Measured { measure: Measure::Pain(Where::Back), value: Some(score) }
}

fn leg(score: u16) -> Change {
    Change::Measured { measure: Measure::Pain(Where::LeftLeg), value: Some(score) }
}

fn foot(score: u16) -> Change {
    Change::Measured { measure: Measure::Foot(Side::Left), value: Some(score) }
}

fn note(text: &str) -> Change {
    Change::Said { words: Words::Note, text: text.to_owned() }
}

impl Device {
    /// Syncs until nothing waits on either side; the last answer.
    async fn sync(&mut self, place: &Place) -> Shared {
        for _ in 0..100 {
            let sent = self.to_send();
            let (status, answer) = place.send(Some(self.account), &sent).await;
            assert_eq!(status, StatusCode::OK, "{}", place.name());
            let shared = self.take(&sent, answer);
            if !shared.more && self.to_send().entries.is_empty() {
                return shared;
            }
        }
        panic!("{}: never done", place.name());
    }
}

fn score(log: &DayLog, place: Where) -> Option<u16> {
    log.pain(place)
}

#[tokio::test]
async fn the_same_batch_sent_twice_is_kept_once() {
    for place in places("twice").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        phone.write(day("2026-11-21"), &note("slept badly"), 1);
        let sent = phone.to_send();
        let (_, first) = place.send(Some(ANNA), &sent).await;
        let (status, second) = place.send(Some(ANNA), &sent).await;
        assert_eq!(status, StatusCode::OK);
        let revision = |answer: &Answer| answer.account.as_ref().unwrap().shared.as_ref().unwrap().known.revision;
        assert_eq!(revision(&first), revision(&second), "{}: nothing was written again", place.name());
        let kept = place.entries(ANNA).await;
        assert_eq!(kept.len(), 2, "{}", place.name());
        assert!(kept.iter().all(|entry| entry.fields().iter().all(|field| field.writes().len() == 1)));
    }
}

#[tokio::test]
async fn two_devices_that_were_offline_lose_nothing_and_the_later_edit_wins_whatever_their_clocks_say() {
    for place in places("two").await {
        // The phone's clock is five days ahead, and it has been told so.
        let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
        phone.ahead = 5 * DAY;
        phone.sync(&place).await;
        tablet.sync(&place).await;

        // Both offline: the phone first, the tablet an hour later.
        phone.write(sunday(), &pain(7), 0);
        phone.write(sunday(), &note("from the phone"), 1);
        tablet.write(sunday(), &pain(4), HOUR);
        tablet.write(sunday(), &leg(2), HOUR + 1);
        // Whoever comes first.
        phone.sync(&place).await;
        tablet.sync(&place).await;
        phone.sync(&place).await;

        for (whose, log) in [("phone", phone.log(sunday())), ("tablet", tablet.log(sunday()))] {
            assert_eq!(score(&log, Where::Back), Some(4), "{}, {whose}: the later one", place.name());
            assert_eq!(score(&log, Where::LeftLeg), Some(2), "{}, {whose}", place.name());
            assert_eq!(log.said(Words::Note), "from the phone", "{}, {whose}", place.name());
            let back = log.entry().field("back").unwrap();
            assert_eq!(back.writes().len(), 2, "{}, {whose}: the earlier one in its history", place.name());
        }
        assert_eq!(place.log(ANNA, sunday()).await.entry(), phone.log(sunday()).entry(), "{}", place.name());

        // And what is corrected now is later than all that was seen.
        phone.write(sunday(), &pain(3), -HOUR);
        phone.sync(&place).await;
        tablet.sync(&place).await;
        assert_eq!(score(&tablet.log(sunday()), Where::Back), Some(3), "{}", place.name());
    }
}

#[tokio::test]
async fn what_was_deleted_on_one_device_goes_from_the_other() {
    for place in places("deleted").await {
        let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
        phone.write(sunday(), &note("by mistake"), 0);
        phone.sync(&place).await;
        tablet.sync(&place).await;
        let id = *tablet.copies.keys().next().unwrap();
        let stamp = tablet.ticker.tick(NOW.millis_i64() + HOUR);
        tablet.copies.get_mut(&id).unwrap().write(&vec![("deleted".to_owned(), Value::Yes)], stamp);
        tablet.sync(&place).await;
        phone.sync(&place).await;
        assert!(phone.copies[&id].entry.is_deleted() && !phone.log(sunday()).is_logged(), "{}", place.name());
    }
}

#[tokio::test]
async fn a_lost_answer_is_made_good_by_the_next_contact() {
    for place in places("lost").await {
        let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
        tablet.write(sunday(), &leg(6), 0);
        tablet.sync(&place).await;
        phone.write(sunday(), &pain(4), 0);
        // The server has it; the phone never learns.
        place.send(Some(ANNA), &phone.to_send()).await;
        phone.write(sunday(), &pain(5), 1);
        assert_eq!(phone.to_send().entries.len(), 1);
        phone.sync(&place).await;
        assert_eq!(score(&phone.log(sunday()), Where::LeftLeg), Some(6), "{}", place.name());
        let log = place.log(ANNA, sunday()).await;
        assert_eq!(log.entry().field("back").unwrap().writes().len(), 2, "{}: each edit once", place.name());
    }
}

#[tokio::test]
async fn a_year_and_more_comes_to_another_device_in_parts() {
    for place in places("parts").await {
        let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
        for back in 0..600 {
            phone.write(sunday().plus(-back), &pain(u16::try_from(back % 11).unwrap()), back);
        }
        assert_eq!(phone.to_send().entries.len(), MOST_ENTRIES);
        phone.sync(&place).await;
        let (_, first) = place.send(Some(ANNA), &tablet.to_send()).await;
        let shared = first.account.unwrap().shared.unwrap();
        assert!(shared.more && shared.entries.len() == MOST_ENTRIES, "{}", place.name());
        tablet.sync(&place).await;
        assert_eq!(tablet.copies.len(), 600, "{}", place.name());
        assert!((0..600).all(|back| tablet.log(sunday().plus(-back)) == phone.log(sunday().plus(-back))));
    }
}

#[tokio::test]
async fn without_consent_nothing_is_kept_and_whose_it_is_is_said_all_the_same() {
    for place in places("consent").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        phone.sync(&place).await;
        assert!(place.has_opened(ANNA), "{}: for the next save", place.name());
        place.withdraw(ANNA).await;
        assert!(!place.has_opened(ANNA), "{}: erased at once is erased from memory too", place.name());
        phone.write(sunday(), &pain(5), 1);
        let (status, answer) = place.send(Some(ANNA), &phone.to_send()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", place.name());
        assert_eq!(answer.account, Some(Account { id: ANNA, agreed: false, shared: None }), "{}", place.name());
        assert_eq!(place.entries(ANNA).await, [], "{}", place.name());

        // After another consent the device sends what was erased again.
        place.agree(ANNA, 2).await;
        phone.sync(&place).await;
        let log = place.log(ANNA, sunday()).await;
        assert_eq!(score(&log, Where::Back), Some(5), "{}", place.name());
        assert_eq!(log.entry().field("back").unwrap().writes().len(), 2, "{}: with its history", place.name());
    }
}

#[tokio::test]
async fn what_a_restored_backup_does_not_have_is_sent_again() {
    for place in places("restored").await {
        let mut phone = Device::new(ANNA, 1);
        for back in 0..5 {
            phone.write(sunday().plus(-back), &pain(4), back);
        }
        phone.sync(&place).await;
        store::erase_entries(&place.state.db, ANNA).await.unwrap();
        assert!(phone.to_send().entries.is_empty());
        phone.sync(&place).await;
        assert_eq!(place.entries(ANNA).await.len(), 5, "{}", place.name());
    }
}

#[tokio::test]
async fn after_a_backup_was_restored_every_device_is_asked_for_all_that_it_has_whatever_the_numbers() {
    for place in places("restored_numbers").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        phone.sync(&place).await;
        let consent = async || Consented::to_entries(&place.state.db, ANNA).await.unwrap().unwrap().id();
        let before = consent().await;
        deletion::forget_keyless(&place.state.db, &place.state.vault, &place.state.clock).await.unwrap();
        assert_ne!(consent().await, before, "{}", place.name());
        assert_eq!(consent().await.get_version_num(), 7);
    }
}

#[tokio::test]
async fn one_day_cannot_grow_without_end_and_what_is_there_stays() {
    for place in places("large").await {
        let mut phone = Device::new(ANNA, 1);
        let mut refused = false;
        for n in 0..45 {
            let text = format!("{n:03}{}", "x".repeat(7_900));
            phone.write(sunday(), &note(&text), 2 * n);
            phone.write(sunday(), &Change::Said { words: Words::Medicines, text }, 2 * n + 1);
        }
        while !refused && !phone.to_send().entries.is_empty() {
            let sent = phone.to_send();
            let (status, body) = place.post(Some(ANNA), to_record(&sent)).await;
            refused = status == StatusCode::CONFLICT;
            if !refused {
                phone.take(&sent, from_record(&body).unwrap());
            }
        }
        assert!(refused, "{}", place.name());
        let kept = place.entries(ANNA).await;
        let size = to_record(&kept[0]).len();
        assert!((256 * 1024..=store::MOST_BYTES).contains(&size), "{}: {size}", place.name());
    }
}

#[tokio::test]
async fn what_many_save_at_the_same_moment_is_kept_and_what_is_refused_takes_no_other_along() {
    for place in places("together").await {
        let account = |n: usize| Uuid::from_u128(ANNA.as_u128() + 0x1_0000_0000 * (n as u128 + 1));
        let day = |writer: usize, day: i64, score: u16| {
            let mut device = Device::new(ANNA, writer as u64);
            device.write(sunday().plus(day), &pain(score), 0);
            device.to_send().entries
        };
        // Some did not agree, and some send an entry about another day than it was about.
        let (is_away, is_wrong) = (|n: usize| n % 7 == 3, |n: usize| n % 5 == 4);
        for n in 0..60 {
            place.make_account(account(n)).await;
            if !is_away(n) {
                place.agree(account(n), 1).await;
                store::merge(&place.state, account(n), day(n, 0, 3)).await.unwrap();
            }
        }
        let saves = (0..60).map(|n| {
            let entries = [day(n, if is_wrong(n) { -1 } else { 0 }, 5), day(n + 100, -2, 7)].concat();
            store::merge(&place.state, account(n), entries)
        });
        for (n, saved) in join_all(saves).await.into_iter().enumerate() {
            let entries = place.entries(account(n)).await;
            match saved {
                Err(Error::Forbidden) => assert!(is_away(n) && entries.is_empty(), "{}: {n}", place.name()),
                Err(Error::Conflict) => assert!(is_wrong(n) && entries.len() == 1, "{}: {n}", place.name()),
                Err(error) => panic!("{}: {n}: {error}", place.name()),
                Ok(merged) => {
                    assert!(!is_away(n) && !is_wrong(n), "{}: {n}", place.name());
                    assert_eq!((merged.before, merged.last), (1, 3), "{}: {n}", place.name());
                    assert_eq!(entries, merged.kept.into_iter().map(|kept| kept.entry).collect::<Vec<_>>());
                    assert_eq!(entries[0].field("back").unwrap().writes().len(), 2, "both are in its history");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_one_account_saves_at_the_same_moment_is_all_kept_and_counted() {
    for place in places("together_one").await {
        // Of each, a pain on the same day, in the same entry, and one on a day of its own.
        let entries = |n: i64| {
            let mut device = Device::new(ANNA, 1);
            device.ahead = n;
            device.write(sunday(), &pain(5), 0);
            let mut other = Device::new(ANNA, 100 + n.unsigned_abs());
            other.write(sunday().plus(-n), &leg(4), 1);
            [device.to_send().entries, other.to_send().entries].concat()
        };
        let saved = join_all((1..=40).map(|n| store::merge(&place.state, ANNA, entries(n)))).await;
        // Each counts from where the one before ended.
        let mut spans: Vec<(i64, i64)> =
            saved.iter().map(|saved| saved.as_ref().unwrap()).map(|one| (one.before, one.last)).collect();
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0), "{}: {spans:?}", place.name());
        let kept = store::entries_after(&place.state, ANNA, 0, 1000).await.unwrap();
        let writes: usize = kept.iter().flat_map(|kept| kept.entry.fields()).map(|field| field.writes().len()).sum();
        // Of each save the two pains, and by which rules each was judged.
        assert!(writes >= 80, "{}: {writes}", place.name());
        assert_eq!(kept.last().unwrap().revision, spans.last().unwrap().1, "{}", place.name());
    }
}

#[tokio::test]
async fn what_the_rules_are_told_from_memory_is_what_they_are_told_from_the_database() {
    for mut place in places("memory").await {
        let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
        let mut fired = 0;
        for step in 0..60_i64 {
            let device = if step % 3 == 0 { &mut tablet } else { &mut phone };
            let back = (step * 7) % 25;
            let score = |most: i64| u16::try_from((step * 5 + back) % (most + 1)).unwrap();
            device.write(sunday().plus(-back), &foot(score(5)), 10 * step);
            device.write(sunday().plus(-back), &leg(score(10)), 10 * step + 1);
            if step % 8 == 7 {
                let stamp = device.ticker.tick(NOW.millis_i64() + 10 * step + 2);
                let last = device.copies.values_mut().last().unwrap();
                last.write(&vec![("deleted".to_owned(), Value::Yes)], stamp);
            }
            let shared = device.sync(&place).await;
            // The same by a server that was just started, which has nothing in memory.
            let fresh = router::router(place.engine.state().await, Assets::default(), Limits::default());
            let known = std::mem::replace(&mut place.router, fresh);
            let told = Device::new(ANNA, 3).sync(&place).await;
            place.router = known;
            assert_eq!(shared.alerts, told.alerts, "{}: step {step}", place.name());
            fired += shared.alerts.len();
        }
        assert!(fired > 20, "{fired}");
    }
}

#[tokio::test]
async fn one_accounts_entries_never_reach_another() {
    for place in places("others").await {
        let mut hers = Device::new(ANNA, 1);
        hers.write(sunday(), &note("Anna's"), 0);
        // Ben has signed in on her phone since.
        let (status, answer) = place.send(Some(BEN), &hers.to_send()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer.account, Some(Account { id: BEN, agreed: true, shared: None }), "{}", place.name());
        for account in [ANNA, BEN] {
            assert_eq!(place.entries(account).await, [], "{}", place.name());
        }
        // Nor what belongs to nobody yet.
        let nobodys = Sent { whose: None, ..hers.to_send() };
        assert_eq!(place.post(Some(BEN), to_record(&nobodys)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        // An id of hers in his account is another entry.
        hers.sync(&place).await;
        let mut his = Device::new(BEN, 1);
        his.write(sunday(), &note("Ben's"), 0);
        assert_eq!(his.copies.keys().next(), hers.copies.keys().next());
        his.sync(&place).await;
        assert_eq!(place.log(ANNA, sunday()).await.said(Words::Note), "Anna's", "{}", place.name());
        assert_eq!(place.log(BEN, sunday()).await.said(Words::Note), "Ben's", "{}", place.name());
        assert_eq!(his.log(sunday()).said(Words::Note), "Ben's", "{}", place.name());
    }
}

#[tokio::test]
async fn a_device_learns_that_its_account_was_deleted_though_nobody_is_signed_in() {
    for place in places("gone").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        phone.sync(&place).await;
        let never = Uuid::from_u128(77);
        let sent = Sent { on_device: vec![BEN, never], ..phone.to_send() };
        let (status, answer) = place.send(None, &sent).await;
        assert_eq!((status, answer.gone, answer.account), (StatusCode::UNAUTHORIZED, vec![], None), "{}", place.name());

        place.state.vault.destroy(ANNA).await.unwrap();
        // Its session may still be there for a moment.
        for whom in [None, Some(ANNA)] {
            let (status, answer) = place.send(whom, &sent).await;
            assert_eq!((status, answer.gone), (StatusCode::GONE, vec![ANNA]), "{}", place.name());
        }
        // Another's device, on which hers are kept too.
        let sent = Sent { whose: Some(BEN), on_device: vec![ANNA, BEN], entries: vec![], ..sent };
        let (status, answer) = place.send(Some(BEN), &sent).await;
        assert_eq!((status, answer.gone), (StatusCode::OK, vec![ANNA]), "{}", place.name());
    }
}

#[tokio::test]
async fn what_no_device_of_ours_sends_is_refused_and_changes_nothing() {
    for place in places("refused").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        let sound = to_record(&phone.to_send());
        let mut misnamed = phone.to_send();
        misnamed.entries[0].id = Uuid::from_u128(5);
        let many = Sent { on_device: vec![ANNA; 17], ..phone.to_send() };
        let too_much = Sent { entries: vec![phone.to_send().entries[0].clone(); MOST_ENTRIES + 1], ..phone.to_send() };
        for (body, why) in [
            (vec![], "nothing"),
            (vec![1], "less than nothing"),
            (vec![2; 40], "a format of tomorrow"),
            (sound[..sound.len() - 1].to_vec(), "a part"),
            (to_record(&misnamed), "an id of another version"),
            (to_record(&many), "many accounts"),
            (to_record(&too_much), "many entries"),
        ] {
            assert_eq!(place.post(Some(ANNA), body).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded"] {
            let (status, _) = place.post_as(Some(ANNA), kind, "same-origin", sound.clone()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{kind}");
        }
        assert_eq!(place.post(Some(ANNA), vec![1; MOST_BYTES + 1]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(place.post(None, vec![]).await.0, StatusCode::UNAUTHORIZED);
        for site in ["cross-site", "same-site"] {
            let (status, _) = place.post_as(Some(ANNA), MEDIA_TYPE, site, sound.clone()).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{site}");
        }
        assert_eq!(place.entries(ANNA).await, [], "{}", place.name());
        assert_eq!(place.post(Some(ANNA), sound).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_full_account_is_told_so_and_keeps_what_it_has() {
    for place in places("full").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &pain(4), 0);
        phone.sync(&place).await;
        let written = place.state.db.write(move |mut tx| {
            Box::pin(async move {
                for n in 0..store::MOST_ENTRIES - 1 {
                    on!(tx &mut tx, connection => sqlx::query(
                        "insert into health_entry (account_id, id, about, revision, sealed, saved_at)
                         values ($1, $2, '2001-01-01', $3, $4, 0)",
                    )
                    .bind(ANNA)
                    .bind(Uuid::from_u128(u128::try_from(n).unwrap()))
                    .bind(100 + n)
                    .bind(vec![0_u8])
                    .execute(connection)
                    .await
                    .map(drop))?;
                }
                Ok(())
            })
        });
        written.await.unwrap();
        phone.write(sunday().plus(-1), &pain(5), 1);
        assert_eq!(place.post(Some(ANNA), to_record(&phone.to_send())).await.0, StatusCode::CONFLICT);
        let day = store::days(&place.state, ANNA, sunday().plus(-1), sunday()).await.unwrap();
        assert_eq!(day.len(), 1, "{}", place.name());
    }
}

/// What the page on a device says to the same days.
fn of_device(device: &Device) -> Vec<(String, Day, Urgency)> {
    let rules = content::rules().unwrap();
    let mut sheet = Sheet::new(9);
    sheet.move_on(sunday(), &rules);
    let records = device.copies.values().map(to_record).collect();
    sheet.take_in(&Kept { from: sunday().plus(-89), to: sunday(), records });
    sheet.alerts(&rules).into_iter().map(|alert| (alert.rule, alert.day, alert.urgency)).collect()
}

fn of_server(shared: &Shared) -> Vec<(String, Day, Urgency)> {
    shared.alerts.iter().map(|told| (told.rule.clone(), told.day, told.urgency)).collect()
}

#[tokio::test]
async fn a_fall_of_strength_that_two_devices_saw_half_each_is_found_by_the_server_as_by_the_device() {
    let t2 = |urgency| vec![("T2".to_owned(), sunday(), urgency)];
    for (at, (before, first, now, urgency)) in [
        (sunday().plus(-1), 5, 3, Some(Urgency::Emergency)),
        (sunday().plus(-2), 5, 3, Some(Urgency::Emergency)),
        (sunday().plus(-13), 5, 4, Some(Urgency::Urgent)),
        (sunday().plus(-13), 5, 5, None),
    ]
    .into_iter()
    .enumerate()
    {
        for place in places(&format!("strength_{at}")).await {
            let (mut phone, mut tablet) = (Device::new(ANNA, 1), Device::new(ANNA, 2));
            phone.write(before, &foot(first), 0);
            assert_eq!(phone.sync(&place).await.alerts, []);
            tablet.write(sunday(), &foot(now), 1);
            assert_eq!(of_device(&tablet), [], "it has but half of it");
            let shared = tablet.sync(&place).await;
            assert_eq!(of_server(&shared), urgency.map(t2).unwrap_or_default(), "{}", place.name());
            assert_eq!(of_device(&tablet), of_server(&shared), "{}", place.name());
            assert!(shared.alerts.iter().all(|told| !told.cause.is_empty() && told.act.is_some()));
            assert_eq!(shared.rules, content::rules().unwrap().version);
        }
    }
}

#[tokio::test]
async fn an_alert_that_was_answered_is_open_on_neither() {
    for place in places("answered").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday().plus(-1), &foot(5), 0);
        phone.write(sunday(), &foot(3), 1);
        assert_eq!(phone.sync(&place).await.alerts.len(), 1, "{}", place.name());
        let reply = app::tracker::log::Reply::GotHelp;
        phone.write(sunday(), &Change::Replied { rule: "T2".to_owned(), reply }, 2);
        assert_eq!(phone.sync(&place).await.alerts, [], "{}", place.name());
        assert_eq!(of_device(&phone), [], "{}", place.name());
    }
}

#[tokio::test]
async fn what_is_synced_is_in_no_log_and_in_no_file() {
    const NOTE: &str = "numb-below-the-left-knee-since-the-marathon";
    support::log::listen();
    for place in places("sealed").await {
        let mut phone = Device::new(ANNA, 1);
        phone.write(sunday(), &note(NOTE), 0);
        phone.write(sunday(), &Change::Sign { sign: "saddle".to_owned(), there: true }, 1);
        phone.sync(&place).await;
        place.post(Some(ANNA), to_record(&phone.to_send())[1..].to_vec()).await;
        place.post(None, to_record(&phone.to_send())).await;
        assert_eq!(place.log(ANNA, sunday()).await.said(Words::Note), NOTE);
        let log = support::log::take();
        assert!(log.contains(PATH), "the log is looked through");
        for told in [NOTE, "saddle", &ANNA.to_string(), &ANNA.simple().to_string()] {
            assert!(!log.contains(told), "{}: {told}", place.name());
        }
        for file in files(place.engine.folder()) {
            let bytes = fs::read(&file).unwrap();
            assert!(!bytes.windows(NOTE.len()).any(|part| part == NOTE.as_bytes()), "{}", file.display());
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
