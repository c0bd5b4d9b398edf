# Formatting and lints.
cargo fmt --check
cargo clippy --release --all-targets --locked -- -D warnings
