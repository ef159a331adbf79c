//! The bucket that the options name, for the files of pictures.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, path::Path as Key,
    prefix::PrefixStore,
};
use secrecy::ExposeSecret;
use tokio_rustls::rustls::crypto::ring;

use crate::config::MediaOptions;

/// How long it may take to connect; three times within what one waits for a bucket at all.
const CONNECTING: Duration = Duration::from_secs(3);
/// How long a bucket may be silent in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(30);
const RETRIES: usize = 2;
/// From when on nothing is tried again.
const NO_MORE_TRIES: Duration = Duration::from_secs(8);

/// The bucket; nothing where pictures are in the data folder. It is not asked for anything yet.
///
/// # Errors
/// One sentence that names the option.
pub fn open(options: &MediaOptions) -> Result<Option<Arc<dyn ObjectStore>>> {
    let Some(url) = &options.media_url else {
        if options.media_endpoint.is_some() || options.media_key_id.is_some() || options.media_secret.is_some() {
            bail!(
                "SCIATICALM_MEDIA_ENDPOINT, SCIATICALM_MEDIA_KEY_ID and SCIATICALM_MEDIA_SECRET go with \
                 SCIATICALM_MEDIA_URL, which is not set"
            );
        }
        return Ok(None);
    };
    let (bucket, folder) = named_in(url)?;
    let (Some(id), Some(secret)) = (&options.media_key_id, &options.media_secret) else {
        bail!("SCIATICALM_MEDIA_URL needs a key: set SCIATICALM_MEDIA_KEY_ID and SCIATICALM_MEDIA_SECRET");
    };
    // What no library of ours names is taken from the process: without it a connection would panic. A second time is no harm.
    let _ = ring::default_provider().install_default();
    let client = ClientOptions::new()
        .with_connect_timeout(CONNECTING)
        .with_read_timeout(SILENCE)
        // A large file may take long, and so may who reads it.
        .with_timeout_disabled();
    let retry = RetryConfig {
        max_retries: RETRIES,
        retry_timeout: NO_MORE_TRIES,
        backoff: BackoffConfig { init_backoff: Duration::from_millis(100), ..BackoffConfig::default() },
    };
    // Not from the environment, as AWS's own tools do: what is set for another program is not meant for this one.
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&options.media_region)
        .with_access_key_id(id)
        .with_secret_access_key(secret.expose_secret())
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &options.media_endpoint {
        builder = builder.with_endpoint(checked(endpoint)?).with_allow_http(endpoint.starts_with("http://"));
    }
    let store = builder.build().context("cannot use that bucket (SCIATICALM_MEDIA_URL)")?;
    Ok(Some(if folder.is_empty() {
        Arc::new(store)
    } else {
        let folder = Key::parse(folder).context("SCIATICALM_MEDIA_URL names a folder that no bucket has")?;
        Arc::new(PrefixStore::new(store, folder))
    }))
}

/// The bucket and the folder in it, which may be empty.
fn named_in(url: &str) -> Result<(&str, &str)> {
    let named = url.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")));
    let is_name = |name: &str| {
        (3..=63).contains(&name.len())
            && name
                .bytes()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-".contains(&letter))
    };
    match named {
        Some((bucket, folder)) if is_name(bucket) => Ok((bucket, folder.trim_matches('/'))),
        // It is repeated: no key is in it.
        _ => bail!("SCIATICALM_MEDIA_URL must be s3://BUCKET or s3://BUCKET/FOLDER, not {url:?}"),
    }
}

/// An address without a path or a key in it.
fn checked(endpoint: &str) -> Result<&str> {
    let endpoint = endpoint.trim_end_matches('/');
    let host = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '@', '?', '#', ' ']) => Ok(endpoint),
        _ => bail!("SCIATICALM_MEDIA_ENDPOINT must be https://HOST, or http://HOST:PORT, and nothing else"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> MediaOptions {
        MediaOptions {
            media_url: Some("s3://pictures/site".to_owned()),
            media_endpoint: Some("https://s3.example.org".to_owned()),
            media_region: "eu-west-2".to_owned(),
            media_key_id: Some("id".to_owned()),
            media_secret: Some("hidden".to_owned().into()),
        }
    }

    #[test]
    fn options_that_fit_together_name_a_bucket() {
        assert!(open(&MediaOptions::default()).unwrap().is_none());
        for url in ["s3://pictures", "s3://pictures/", "s3://pictures/a/b/", "s3://pict.ures-1/site"] {
            assert!(open(&MediaOptions { media_url: Some(url.to_owned()), ..options() }).unwrap().is_some(), "{url}");
        }
        assert!(open(&MediaOptions { media_endpoint: None, ..options() }).unwrap().is_some());
    }

    #[test]
    fn options_that_do_not_are_refused_by_name_and_tell_no_secret() {
        let url = |url: &str| MediaOptions { media_url: Some(url.to_owned()), ..options() };
        let endpoint = |at: &str| MediaOptions { media_endpoint: Some(at.to_owned()), ..options() };
        for (options, said) in [
            (MediaOptions { media_url: None, ..options() }, "go with SCIATICALM_MEDIA_URL"),
            (MediaOptions { media_key_id: None, ..options() }, "SCIATICALM_MEDIA_KEY_ID"),
            (MediaOptions { media_secret: None, ..options() }, "SCIATICALM_MEDIA_SECRET"),
            (url("/srv/pictures"), "must be s3://BUCKET"),
            (url("s3://"), "must be s3://BUCKET"),
            (url("https://pictures.s3.amazonaws.com"), "must be s3://BUCKET"),
            (url("s3://pictures/a//b"), "folder"),
            (endpoint("s3.example.org"), "must be https://HOST"),
            (endpoint("https://id:hidden@s3.example.org"), "must be https://HOST"),
            (endpoint("https://s3.example.org/pictures"), "must be https://HOST"),
        ] {
            let refused = format!("{:#}", open(&options).err().unwrap());
            assert!(refused.contains(said) && !refused.contains("hidden"), "{said}: {refused}");
            assert!(!format!("{options:?}").contains("hidden") || said == "must be https://HOST");
        }
    }
}
