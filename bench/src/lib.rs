//! Benchmarks, in a package of their own: the tests need neither criterion nor an optimised build.
