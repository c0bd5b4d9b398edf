# The sample month through an engine elsewhere (Sail): the same bytes, and a certificate.
need protoc protobuf-compiler
built
cargo build --release --locked --manifest-path tools/spark/Cargo.toml
bash tests/engine/sail.sh "$CARGO_TARGET_DIR/release"
