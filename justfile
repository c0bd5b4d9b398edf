# What a developer types most; `just` alone lists it. Each recipe is one command that also works alone.

default:
    @just --list

# The sample county, whole: reports/2013-10.
run *arguments:
    cargo run --release --locked -- run {{arguments}}

# Tests that match a name: just test workspace
test filter="":
    cargo test --release --locked {{filter}}

# What every commit must pass.
check:
    cargo fmt --check
    cargo clippy --release --all-targets --locked -- -D warnings

# Everything, as before a merge; or parts of it: just ci lint oracle
ci *parts:
    .ci/run {{parts}}

# Generated pages and schemas after a definition or its structs changed.
docs:
    cargo run --release --locked -- docs --pipeline pipelines/zuoquan
    cargo run --release --locked -- docs --pipeline pipelines/national-bulletin

# How much of a form `draft` guesses right.
draft:
    cargo build --release --locked
    python3 tests/draft/measure.py target/release/dangtong --wrong

# Does the program compile for Windows? Needs `rustup target add x86_64-pc-windows-gnu` and mingw.
windows:
    cargo check --locked --target x86_64-pc-windows-gnu
