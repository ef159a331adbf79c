//! Tells cargo that the migrations are part of the server's code, and of no wasm.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SSR").is_some() {
        println!("cargo::rerun-if-changed=../migrations");
    }
}
