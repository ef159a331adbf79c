//! Questions that come at the same moment, asked of the database as one.
//!
//! Under load, the way to the database and back costs more than what is asked there. Whoever asks here waits until the
//! question before is answered, and is then asked together with all who came meanwhile. Nothing is kept for later: each
//! answer was found after it was asked for.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::{mpsc, oneshot};

use crate::{Error, Result};

/// How many may wait before whoever asks has to.
const QUEUE: usize = 1_024;

/// Asks many questions of one kind at once. Cheap to clone; ends with its last copy.
#[derive(Debug)]
pub struct Together<Q, A>(mpsc::Sender<(Q, Asker<A>)>);

type Asker<A> = oneshot::Sender<Result<A>>;

impl<Q, A> Clone for Together<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// With how to answer so many at the most: `ask` gives one answer for each question, in their order. Where it fails, it
    /// fails for all of them.
    pub fn new<F>(most: usize, ask: F) -> Self
    where
        F: Fn(Vec<Q>) -> BoxFuture<'static, Result<Vec<A>>> + Send + Sync + 'static,
    {
        let (asks, mut waiting) = mpsc::channel(QUEUE);
        tokio::spawn(async move {
            let mut asked = vec![];
            while waiting.recv_many(&mut asked, most).await > 0 {
                let (questions, askers): (Vec<Q>, Vec<Asker<A>>) = asked.drain(..).unzip();
                // A question that panics must not take those after it along.
                let answers = AssertUnwindSafe(async { ask(questions).await }).catch_unwind().await;
                answer(askers, answers.unwrap_or_else(|_| Err(Error::internal("asking panicked"))));
            }
        });
        Self(asks)
    }

    /// # Errors
    /// What asking failed with.
    pub async fn ask(&self, question: Q) -> Result<A> {
        let (asker, answered) = oneshot::channel();
        self.0.send((question, asker)).await.map_err(|_| Error::internal("nobody asks any more"))?;
        answered.await.map_err(|_| Error::internal("a question was left without an answer"))?
    }
}

fn answer<A>(askers: Vec<Asker<A>>, answers: Result<Vec<A>>) {
    // Nobody may be waiting any more: the request was given up.
    match answers {
        Ok(answers) => {
            for (asker, answer) in askers.into_iter().zip(answers) {
                let _ = asker.send(Ok(answer));
            }
        }
        Err(error) => {
            for asker in askers {
                let _ = asker.send(Err(again(&error)));
            }
        }
    }
}

/// The same failure, for one more who asked.
fn again(error: &Error) -> Error {
    match error {
        Error::Unavailable(cause) => Error::Unavailable(cause.to_string().into()),
        error => Error::internal(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn each_is_given_its_own_answer_and_many_are_asked_at_once() {
        let times = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&times);
        let doubled = Together::new(64, move |numbers: Vec<usize>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(numbers.iter().map(|number| number * 2).collect())
            }
            .boxed()
        });
        let answers = join_all((0..200).map(|number| doubled.ask(number))).await;
        for (number, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.unwrap(), number * 2);
        }
        assert!(times.load(Ordering::Relaxed) < 20, "asked {times:?} times");
    }

    #[tokio::test]
    async fn a_failure_is_everybodys_and_the_next_are_asked_all_the_same() {
        let picky = Together::new(64, |numbers: Vec<usize>| {
            async move {
                assert!(!numbers.contains(&13), "unlucky");
                if numbers.contains(&7) {
                    return Err(Error::Unavailable("away".into()));
                }
                Ok(numbers)
            }
            .boxed()
        });
        assert!(matches!(picky.ask(13).await, Err(Error::Internal(_))));
        let both = join_all([picky.ask(7), picky.ask(8)]).await;
        assert!(both.iter().all(|answer| matches!(answer, Err(Error::Unavailable(_)))));
        assert_eq!(picky.ask(1).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_answer_too_few_is_an_error_and_not_silence() {
        let short = Together::new(64, |_: Vec<usize>| async { Ok(Vec::<usize>::new()) }.boxed());
        assert!(short.ask(1).await.is_err());
    }
}
