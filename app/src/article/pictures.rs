//! The pictures that an article names, held against the library.

use uuid::Uuid;

use super::markdown::Problem;
use crate::{
    Result,
    db::Db,
    media::{self, shown, store},
};

/// What is wrong with the pictures that a text names, by line.
///
/// # Errors
/// When the database fails.
pub async fn missing(db: &Db, named: &[(usize, Uuid)]) -> Result<Vec<Problem>> {
    let pictures = store::pictures(db, &named.iter().map(|(_, id)| *id).collect()).await?;
    let problems = named.iter().filter_map(|(line, id)| {
        let message = match pictures.get(id) {
            None => format!("there is no picture {}{id} in the library", media::ADDRESS),
            Some(picture) if picture.archived => {
                format!("the picture “{}” is archived: bring it back in the library first", picture.words.title)
            }
            Some(picture) if !picture.words.are_enough() => {
                format!("the picture “{}” is not described yet: say in the library what it shows", picture.words.title)
            }
            Some(_) => return None,
        };
        Some(Problem { line: *line, message })
    });
    Ok(problems.collect())
}

/// An article's HTML with the pictures that it names, as they are now.
///
/// # Errors
/// When the database fails.
pub async fn put_in(db: &Db, html: String) -> Result<String> {
    let named = shown::named_in(&html);
    if named.is_empty() {
        return Ok(html);
    }
    Ok(shown::put_in(&html, &store::pictures(db, &named).await?))
}
