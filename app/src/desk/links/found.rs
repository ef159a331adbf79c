//! What asking another site finds, and what that says about a link.

/// What one question found. Nothing else of an answer is ever known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The site answered, after the redirects that it sent us through.
    Status(u16),
    /// It sent us through more redirects than we follow.
    Circle,
    /// The host's name leads to no address.
    NoName,
    /// No connection came about, or none that is safe: the certificate is wrong, say.
    NoConnection,
    /// Nothing came in time.
    NoAnswer,
    /// It was not asked: the address, or one that it sent us to, is not one that everybody can reach.
    NotAsked,
}

/// What that says about the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Leads,
    Fails,
    Unknown,
}

impl Found {
    /// As the database writes it.
    pub fn name(self) -> String {
        match self {
            Self::Status(status) => return status.to_string(),
            Self::Circle => "circle",
            Self::NoName => "no-name",
            Self::NoConnection => "no-connection",
            Self::NoAnswer => "no-answer",
            Self::NotAsked => "not-asked",
        }
        .to_owned()
    }

    pub fn named(name: &str) -> Option<Self> {
        let rest = [Self::Circle, Self::NoName, Self::NoConnection, Self::NoAnswer, Self::NotAsked];
        rest.into_iter().find(|found| found.name() == name).or_else(|| name.parse().ok().map(Self::Status))
    }

    /// Whether nothing came from another site, as when our own network is down.
    pub fn is_silence(self) -> bool {
        matches!(self, Self::NoName | Self::NoConnection | Self::NoAnswer)
    }

    /// A link fails where the page is gone (404, 410), the site is broken (500 and above), or there is no site.
    ///
    /// Whatever else a site refuses, it refuses us and not the page: 401 and 403 are for pages that want a sign-in, and, with 405,
    /// 406, 429 and other statuses of that kind, are what sites say that keep robots out. So is 503, which they also say while they
    /// are mended. Publishers send whoever keeps no cookie in circles. Readers with a browser do find these pages, and editors who were
    /// told of them in vain would not look the next time.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::NotAsked => Verdict::Unknown,
            Self::Status(503) | Self::Circle => Verdict::Leads,
            Self::Status(404 | 410 | 500..=599) | Self::NoName | Self::NoConnection | Self::NoAnswer => Verdict::Fails,
            Self::Status(_) => Verdict::Leads,
        }
    }

    /// For an editor: "404 not found".
    pub fn in_words(self) -> String {
        let words = match self {
            Self::Status(404) => "404 not found",
            Self::Status(410) => "410 gone",
            Self::Status(status @ 500..=599) => return format!("{status}, the site is broken"),
            Self::Status(status) => return format!("it answers {status}"),
            Self::Circle => "it leads from one address to the next",
            Self::NoName => "there is no site of that name",
            Self::NoConnection => "no safe connection can be made",
            Self::NoAnswer => "no answer comes",
            Self::NotAsked => "it is not asked",
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_read_as_it_was_written() {
        let rest = [Found::Circle, Found::NoName, Found::NoConnection, Found::NoAnswer, Found::NotAsked];
        for found in (100..1_000).map(Found::Status).chain(rest) {
            assert_eq!(Found::named(&found.name()), Some(found));
        }
        assert_eq!(Found::named(""), None);
    }

    #[test]
    fn a_link_fails_where_the_page_is_gone_and_not_where_we_are_kept_out() {
        let fails = [404, 410, 500, 502, 504, 522].map(Found::Status);
        let rest = [Found::NoName, Found::NoConnection, Found::NoAnswer];
        for found in fails.into_iter().chain(rest) {
            assert_eq!(found.verdict(), Verdict::Fails, "{found:?}");
        }
        for status in [200, 204, 304, 400, 401, 403, 405, 406, 418, 429, 451, 503, 999] {
            assert_eq!(Found::Status(status).verdict(), Verdict::Leads, "{status}");
        }
        assert_eq!(Found::Circle.verdict(), Verdict::Leads);
        assert_eq!(Found::NotAsked.verdict(), Verdict::Unknown);
    }

    #[test]
    fn only_where_nothing_came_it_may_be_our_own_network() {
        let said = [Found::Status(404), Found::Status(200), Found::Circle, Found::NotAsked];
        assert!(!said.into_iter().any(Found::is_silence));
        assert!([Found::NoName, Found::NoConnection, Found::NoAnswer].into_iter().all(Found::is_silence));
    }
}
