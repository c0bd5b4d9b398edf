# The sample months through an engine elsewhere (Sail): the same bytes, and certified.
need protoc protobuf-compiler
built
cargo fmt --check --manifest-path tools/spark/Cargo.toml
cargo build --release --locked --manifest-path tools/spark/Cargo.toml
bash tests/engine/sail.sh "$CARGO_TARGET_DIR/release"
