//! The words by which a text mentions the sign of a rule, so that an article that does can be held to the rule.
//!
//! A term is words as they follow one another, in small letters: "saddle numbness". A word that ends with `*` stands for all
//! that begin so, and `*` alone for any word: "numb*". Between `+` stand parts that are in one sentence, in any order:
//! "numb* + between your legs".

/// A term, ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term(Vec<Vec<String>>);

impl Term {
    /// Reads a term.
    ///
    /// # Errors
    /// One sentence on what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<Vec<String>> =
            text.split('+').map(|part| part.split_whitespace().map(str::to_owned).collect()).collect();
        let says_nothing = |part: &Vec<String>| part.iter().all(|word| word == "*");
        if parts.iter().any(says_nothing) {
            return Err(format!("the term {text:?} has a part without words"));
        }
        let is_word = |word: &String| {
            let letters = word.strip_suffix('*').unwrap_or(word);
            words(letters) == [letters] || word == "*"
        };
        if let Some(word) = parts.iter().flatten().find(|word| !is_word(word)) {
            return Err(format!("the term {text:?}: write {word:?} in small letters, without punctuation"));
        }
        Ok(Self(parts))
    }

    /// Whether a sentence, as [`words`], has it.
    pub fn is_in(&self, sentence: &[String]) -> bool {
        self.0.iter().all(|part| sentence.windows(part.len()).any(|window| follows(part, window)))
    }
}

fn follows(part: &[String], window: &[String]) -> bool {
    part.iter().zip(window).all(|(word, found)| match word.strip_suffix('*') {
        Some(beginning) => found.starts_with(beginning),
        None => word == found,
    })
}

/// The words of a text in small letters, without punctuation; "can’t" is one, "X-ray" is two.
pub fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('’', "'");
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    words.map(|word| word.trim_matches('\'').to_owned()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_found_in_whatever_order_its_parts_stand() {
        for (term, sentence, found) in [
            ("saddle numbness", "Saddle numbness can wait for a GP appointment.", true),
            ("saddle numbness", "Numbness in the saddle area.", false),
            ("numb* + saddle", "Numbness in the “saddle” area.", true),
            ("numb* + between your legs", "Between your legs, the skin may go numb.", true),
            ("numb* + between your legs", "The skin may go numb.", false),
            ("can't pee", "If you can’t pee, go.", true),
            ("top of * back", "Pain at the top of your back", true),
            ("x ray", "An X-ray", true),
            ("leg", "legs", false),
        ] {
            assert_eq!(Term::read(term).unwrap().is_in(&words(sentence)), found, "{term} in {sentence}");
        }
    }

    #[test]
    fn a_term_that_would_find_nothing_or_everything_is_refused() {
        for term in ["", " ", "*", "leg + ", "leg + *", "Leg", "x-ray", "leg.", "le*g"] {
            assert!(Term::read(term).is_err(), "{term:?}");
        }
    }
}
