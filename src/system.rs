//! What operating systems do each in their own way, behind one name each. Everything else in the
//! program is the same everywhere.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use elsewhere::{
    become_program, exchange, is_running, kind, limit, open_plain, private_file, private_folder,
};
#[cfg(unix)]
pub use unix::{
    become_program, exchange, is_running, kind, limit, open_plain, private_file, private_folder,
};
