//! Writing TOML that a person reads and git compares: one line for a string, whatever is in it.

/// A basic string of TOML, in its quotes, on one line.
pub fn quoted(text: &str) -> String {
    // JSON's escapes are TOML's, but for this character, which TOML wants escaped too.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A list of strings on one line.
pub fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// A list of strings, a line each.
pub fn lines(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("  {},\n", quoted(text))).collect();
    format!("[\n{}]", quoted.concat())
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// Any text, and often what breaks files.
    pub fn hostile() -> impl Strategy<Value = String> {
        let pieces = prop_oneof![
            any::<char>().prop_map(|letter| letter.to_string()),
            "[a-z ]{0,8}",
            prop::sample::select(vec![
                "\n+++\n",
                "+++",
                "\n",
                "\r\n",
                "\r",
                "\t",
                "\"",
                "\"\"\"",
                "'''",
                "\\",
                "\\u0041",
                "\u{7f}",
                "\u{85}",
                "\u{feff}",
                "\u{2028}",
                "👣",
                "  \n",
                "#",
                "[approval]",
                "\u{1b}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
    }

    #[derive(Deserialize)]
    struct File {
        one: String,
        list: Vec<String>,
        lines: Vec<String>,
    }

    proptest! {
        #[test]
        fn any_text_comes_back(one in hostile(), many in prop::collection::vec(hostile(), 0..4)) {
            let text = format!("one = {}\nlist = {}\nlines = {}\n", quoted(&one), list(&many), lines(&many));
            let file: File = toml::from_str(&text).unwrap();
            prop_assert_eq!(quoted(&one).lines().count(), 1);
            prop_assert_eq!((file.one, file.list, file.lines), (one, many.clone(), many));
        }
    }
}
