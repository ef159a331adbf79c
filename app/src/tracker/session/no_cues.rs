//! In place of the browser's sounds and timers on the server, where no session ever runs.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    Sound,
    Vibration,
    Speech,
}

pub fn chosen(_: Cue) -> bool {
    false
}

pub fn choose(_: Cue, _: bool) {}

pub fn allow() {}

pub fn give(_: &str) {}

pub fn hush() {}

pub fn keep_awake(_: bool) {}

pub fn show(_: &str, _: bool) {}

pub fn run(_: impl Fn() + 'static, _: impl Fn(bool) + 'static) {}
