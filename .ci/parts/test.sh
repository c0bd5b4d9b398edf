# The README's test command.
cargo test --release --locked
