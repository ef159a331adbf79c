//! Where the program's memory comes from.

use libmimalloc_sys::{mi_option_set_default, mi_option_t};
use mimalloc::MiMalloc;

/// Saves and pages take and give back memory all the time, on several threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay`, by its place in `mimalloc.h`: the crate names few options.
const PURGE_DELAY: mi_option_t = 15;
/// How long pages that nothing is in are kept before the system has them again, in milliseconds. mimalloc's own second keeps what
/// one burst of requests took through the next; `cargo xtask bench tracker` saves as often with 1,000, with 10 and with 0.
const KEPT: std::ffi::c_long = 10;

/// Has memory given back to the system soon, unless `MIMALLOC_PURGE_DELAY` says otherwise. Before there are threads.
pub fn keep_little() {
    #[expect(unsafe_code, reason = "mimalloc has no other way to set an option")]
    // SAFETY: it sets a number that mimalloc reads, and there is no other thread yet that might read it meanwhile.
    unsafe {
        mi_option_set_default(PURGE_DELAY, KEPT);
    }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "mimalloc has no other way to read an option")]
    fn what_is_set_is_how_long_free_pages_are_kept() {
        // SAFETY: it reads a number.
        let kept = || unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(kept(), 1_000, "mimalloc's own: another number may be another option");
        keep_little();
        assert_eq!(kept(), KEPT);
    }
}
