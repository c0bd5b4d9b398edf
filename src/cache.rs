//! What was computed before and need not be computed again, in a folder that may be deleted at any
//! time.
//!
//! An entry is found by all that it was made from, this very build of the program included, and is
//! believed only if it is whole: what is damaged, cut, renamed or foreign is as good as absent. So a
//! result is the same with a cache, without one, and with a broken one; only the time differs.
//!
//! What is kept of a return holds the names and numbers of persons in it. An entry is therefore
//! sealed with a key made from the content that it was made from: it opens only to who has that.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes256, Block};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model::hexadecimal;
use crate::system;

/// Larger ones are computed each time.
const ENTRY_BYTES: u64 = 256 << 20;
/// Beyond this the oldest entries go, down to half.
const FOLDER_BYTES: u64 = 2 << 30;
const DIGEST: usize = 32;
/// Blocks that are enciphered together: processors do several at once.
const PADS: usize = 64;
/// How the name of an entry ends while it is written.
const PARTIAL: &str = ".partial";

/// A folder of entries, or none.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
    /// Has anything been added?
    grown: Arc<AtomicBool>,
}

impl Cache {
    /// Keeps nothing and finds nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// The folder is made when there is something to keep. One that cannot be used is as good as
    /// none.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::default() }
    }

    /// Is there a folder?
    pub fn keeps(&self) -> bool {
        self.folder.is_some()
    }

    /// The entry of what is made from these parts: the first says what is made, the others are all
    /// that it depends on beside this program.
    pub fn entry(&self, made_from: &[&[u8]]) -> Entry<'_> {
        let secret = self.folder.as_ref().map(|_| {
            let mut secret = Sha256::new_with_prefix(env!("DANGTONG_BUILD"));
            for part in made_from {
                secret.update((part.len() as u64).to_le_bytes());
                secret.update(part);
            }
            secret.finalize().into()
        });
        Entry { cache: self, secret: secret.unwrap_or_default() }
    }

    /// Stands for a value among what an entry is made from; `None` when nothing is kept anyway.
    pub fn digest(&self, value: &impl Serialize) -> Option<[u8; DIGEST]> {
        self.folder.as_ref()?;
        Some(Sha256::digest(postcard::to_allocvec(value).ok()?).into())
    }

    /// Makes room if something was added and there is too much now.
    pub fn tidy(&self) {
        if let Some(folder) = &self.folder
            && self.grown.swap(false, Ordering::Relaxed)
        {
            // What cannot be listed or removed is left.
            let _ = remove_oldest(folder, FOLDER_BYTES);
        }
    }
}

/// The place of one result.
#[derive(Debug)]
pub struct Entry<'c> {
    cache: &'c Cache,
    secret: [u8; DIGEST],
}

impl Entry<'_> {
    /// The result as it was kept, if it is there and whole.
    pub fn get<T: DeserializeOwned>(&self) -> Option<T> {
        decoded(&self.open()?)
    }

    /// The same of two results that were kept together: each is decoded beside the other.
    pub fn get_both<A, B>(&self) -> Option<(A, B)>
    where
        A: DeserializeOwned + Send,
        B: DeserializeOwned + Send,
    {
        let content = self.open()?;
        let (length, results) = content.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (first, second) = results.split_at_checked(length)?;
        let (first, second) = rayon::join(|| decoded(first), || decoded(second));
        Some((first?, second?))
    }

    /// Keeps a result. Whoever asks for the entry finds all of it or nothing.
    pub fn put(&self, result: &impl Serialize) {
        // A result that cannot be kept is computed again.
        let _ = self.write(|| encoded(result));
    }

    /// Keeps two results together.
    pub fn put_both(&self, first: &impl Serialize, second: &impl Serialize) {
        let both = || {
            let (first, second) = (encoded(first)?, encoded(second)?);
            let length = (first.len() as u64).to_le_bytes();
            Ok([&length[..], &first, &second].concat())
        };
        let _ = self.write(both);
    }

    /// What was written, if it is there and whole.
    fn open(&self) -> Option<Vec<u8>> {
        let mut sealed = read(&self.path()?).ok()?;
        let (seal, content) = sealed.split_at_mut_checked(DIGEST)?;
        if *seal != self.seal(content) {
            return None;
        }
        self.cipher(content);
        sealed.drain(..DIGEST);
        Some(sealed)
    }

    fn write(&self, content: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
        let (Some(folder), Some(path)) = (&self.cache.folder, self.path()) else { return Ok(()) };
        let mut content = content()?;
        if content.len() as u64 > ENTRY_BYTES {
            return Ok(());
        }
        self.cipher(&mut content);
        system::private_folder(folder)?;
        self.cache.grown.store(true, Ordering::Relaxed);
        let partial = path.with_extension(format!("{}{PARTIAL}", std::process::id()));
        let written = system::private_file(&partial)
            .and_then(|mut file| {
                file.write_all(&self.seal(&content))?;
                file.write_all(&content)
            })
            .and_then(|()| fs::rename(&partial, path));
        if written.is_err() {
            let _ = fs::remove_file(&partial);
        }
        written
    }

    fn path(&self) -> Option<PathBuf> {
        let folder = self.cache.folder.as_ref()?;
        Some(folder.join(hexadecimal(&self.derived(b"name"))))
    }

    fn derived(&self, purpose: &[u8]) -> [u8; DIGEST] {
        Sha256::new_with_prefix(purpose).chain_update(self.secret).finalize().into()
    }

    /// The checksum of a content, which only this entry can have.
    fn seal(&self, content: &[u8]) -> [u8; DIGEST] {
        let seal = Sha256::new_with_prefix(self.derived(b"seal"));
        seal.chain_update((content.len() as u64).to_le_bytes())
            .chain_update(content)
            .finalize()
            .into()
    }

    /// AES in counter mode; the same again gives back what was there. One key is used for one result,
    /// so it needs no other beginning than 0.
    fn cipher(&self, content: &mut [u8]) {
        let cipher = Aes256::new(&self.derived(b"cipher").into());
        let mut pads = [Block::default(); PADS];
        let mut counter = 0u128;
        for part in content.chunks_mut(size_of_val(&pads)) {
            for pad in &mut pads {
                *pad = counter.to_le_bytes().into();
                counter += 1;
            }
            cipher.encrypt_blocks(&mut pads);
            for (bytes, pad) in part.chunks_mut(size_of::<Block>()).zip(&pads) {
                bytes.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
            }
        }
    }
}

fn encoded(result: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(result).map_err(io::Error::other)
}

/// All of the bytes as a result.
fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (result, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(result)
}

/// Only a plain file that is not too large: a pipe in its place would never end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = system::open_plain(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > ENTRY_BYTES + DIGEST as u64 {
        return Err(io::Error::other("no entry"));
    }
    let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    file.take(ENTRY_BYTES + DIGEST as u64).read_to_end(&mut content)?;
    Ok(content)
}

/// Is it the name of an entry? The folder may hold what is somebody else's.
fn is_ours(name: &str) -> bool {
    let entry = name.strip_suffix(PARTIAL).and_then(|n| n.split_once('.')).map_or(name, |n| n.0);
    entry.len() == 2 * DIGEST && entry.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Removes the oldest entries until at most half of the bytes are left, if there are too many.
fn remove_oldest(folder: &Path, most: u64) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf, u64)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(is_ours) {
            continue;
        }
        // Another run may have removed it.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            files.push((metadata.modified()?, entry.path(), metadata.len()));
        }
    }
    let mut all: u64 = files.iter().map(|(_, _, size)| size).sum();
    if all <= most {
        return Ok(());
    }
    files.sort();
    for (_, path, size) in files {
        if all <= most / 2 {
            break;
        }
        let _ = fs::remove_file(path);
        all -= size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_oldest_entries_go_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, age: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_len(10).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 - age)).unwrap();
        };
        let (old, new, newest) = ("0a".repeat(32), "0b".repeat(32), "0c".repeat(32));
        let abandoned = format!("{old}.17.partial");
        for (name, age) in
            [("年度总结.docx", 900), (&abandoned, 80), (&new, 20), (&old, 70), (&newest, 10)]
        {
            file(name, age);
        }
        let names = || {
            let listed = fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<String> =
                listed.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        remove_oldest(folder.path(), 40).unwrap();
        assert_eq!(names().len(), 5);
        remove_oldest(folder.path(), 39).unwrap();
        assert_eq!(names(), [newest.as_str(), "年度总结.docx"]);
    }
}
