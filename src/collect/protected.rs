//! Opens workbooks that Excel has encrypted with its own built-in password.
//!
//! Excel does that on its own when a workbook is protected or marked read-only in certain ways, and
//! opens it again without asking; nobody who sent it knows of a password. Any other password is a
//! clerk's, and stays closed. Both ways of ECMA-376 (MS-OFFCRYPTO 2.3.4) are read: standard and agile.

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256, Block};
use base64::Engine as _;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::ole::Ole;
use super::workbook::Refusal;
use super::xml::{Event, Part};
use crate::model::codes::{ENCRYPTED_FILE, UNREADABLE_FILE};

const BUILT_IN_PASSWORD: &str = "VelvetSweatshop";
/// Excel writes 100,000.
const MOST_ROUNDS: u32 = 1_000_000;
const STANDARD_ROUNDS: u32 = 50_000;
const SEGMENT: usize = 4096;
const BLOCK: usize = 16;

/// The package inside, if the built-in password opens it.
pub(super) fn open(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = || Refusal::new(UNREADABLE_FILE, "加密的文件内部有错，文件可能已损坏");
    let damaged = |damage: &str| Refusal::new(UNREADABLE_FILE, damage);
    let ole = Ole::open(bytes).map_err(damaged)?;
    let stream = |name: &str| ole.stream(name).map_err(damaged);
    let (Some(info), Some(package)) = (stream("EncryptionInfo")?, stream("EncryptedPackage")?)
    else {
        return Err(Refusal::new(
            ENCRYPTED_FILE,
            "文件设有权限管理（IRM），只有获得授权的人能打开",
        ));
    };
    let (size, content) = package.split_first_chunk::<8>().ok_or_else(broken)?;
    let size = usize::try_from(u64::from_le_bytes(*size)).map_err(|_| broken())?;
    let version = info.first_chunk::<4>().ok_or_else(broken)?;
    let opened = match version {
        [4, 0, 4, 0] => agile(info.get(8..).unwrap_or_default(), content)?,
        [2..=4, 0, 2, 0] => standard(&info, content),
        _ => None,
    };
    let mut opened = opened.ok_or_else(|| Refusal::new(ENCRYPTED_FILE, "文件设有打开密码"))?;
    if opened.len() < size {
        return Err(broken());
    }
    opened.truncate(size);
    Ok(opened)
}

// AES-128 in ECB with SHA-1, as Office 2007 wrote it.

fn standard(info: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let number = |at: usize| info.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b));
    let header = usize::try_from(number(8)?).ok()?;
    let key_bytes = usize::try_from(number(12 + 16)? / 8).ok()?;
    let verifier = info.get(12usize.checked_add(header)?..)?;
    let salt = verifier.get(4..20)?;
    let mut hash = spun::<Sha1>(salt, STANDARD_ROUNDS);
    hash = digest::<Sha1>(&[&hash, &[0; 4]]);
    let padded = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(&hash).for_each(|(b, h)| *b ^= h);
        digest::<Sha1>(&[&block])
    };
    let key = [padded(0x36), padded(0x5c)].concat();
    let cipher = Cipher::new(key.get(..key_bytes)?)?;
    let expected = cipher.blocks(verifier.get(40..72)?);
    let right = digest::<Sha1>(&[&cipher.blocks(verifier.get(20..36)?)]);
    expected.starts_with(&right).then(|| cipher.blocks(content))
}

// What Office 2010 and later write.

/// How one of the two keys is used.
struct Parameters {
    salt: Vec<u8>,
    hash: Hash,
}

#[derive(Clone, Copy)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    fn spun(self, salt: &[u8], rounds: u32) -> Vec<u8> {
        match self {
            Self::Sha1 => spun::<Sha1>(salt, rounds),
            Self::Sha256 => spun::<Sha256>(salt, rounds),
            Self::Sha384 => spun::<Sha384>(salt, rounds),
            Self::Sha512 => spun::<Sha512>(salt, rounds),
        }
    }
}

fn agile(xml: &[u8], content: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let xml = String::from_utf8_lossy(xml);
    let mut part = Part::new("EncryptionInfo", &xml);
    let (mut data, mut key) = (None, None);
    loop {
        let e = match part.next()? {
            Event::Start(e) | Event::Empty(e) => e,
            Event::End(e) if e.local_name() == "encryption" => break,
            Event::Eof => break,
            _ => continue,
        };
        let parameters = || {
            let aes = e.attribute("cipherAlgorithm")? == "AES"
                && e.attribute("cipherChaining")? == "ChainingModeCBC"
                && e.attribute("blockSize")? == "16";
            let hash = match e.attribute("hashAlgorithm").filter(|_| aes)?.as_ref() {
                "SHA1" | "SHA-1" => Hash::Sha1,
                "SHA256" => Hash::Sha256,
                "SHA384" => Hash::Sha384,
                "SHA512" => Hash::Sha512,
                _ => return None,
            };
            Some(Parameters { salt: base64_of(&e.attribute("saltValue")?)?, hash })
        };
        match e.local_name() {
            "keyData" => data = parameters(),
            "encryptedKey" if key.is_none() => {
                let get = |name| base64_of(&e.attribute(name)?);
                let rounds = || e.attribute("spinCount")?.parse().ok();
                let bits = || e.attribute("keyBits")?.parse().ok();
                let found = (|| {
                    Some(secret_key(
                        &parameters()?,
                        rounds().filter(|&r| r <= MOST_ROUNDS)?,
                        bits()?,
                        [
                            &get("encryptedVerifierHashInput")?,
                            &get("encryptedVerifierHashValue")?,
                            &get("encryptedKeyValue")?,
                        ],
                    ))
                })();
                key = found.flatten();
            }
            _ => {}
        }
    }
    let (Some(data), Some(key)) = (data, key) else { return Ok(None) };
    let Some(cipher) = Cipher::new(&key) else { return Ok(None) };
    let mut opened = Vec::with_capacity(content.len());
    for (number, segment) in (0u32..).zip(content.chunks(SEGMENT)) {
        let vector = data.hash.digest(&[&data.salt, &number.to_le_bytes()]);
        opened.extend(cipher.chained(segment, &vector));
    }
    Ok(Some(opened))
}

/// The key of the package, if the built-in password is the right one.
fn secret_key(
    password: &Parameters,
    rounds: u32,
    key_bits: usize,
    [input, value, key]: [&[u8]; 3],
) -> Option<Vec<u8>> {
    let spun = password.hash.spun(&password.salt, rounds);
    let decrypt = |block_key: [u8; 8], encrypted: &[u8]| {
        let mut own = password.hash.digest(&[&spun, &block_key]);
        own.resize(key_bits / 8, 0x36);
        Some(Cipher::new(&own)?.chained(encrypted, &password.salt))
    };
    let input = decrypt([0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79], input)?;
    let value = decrypt([0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e], value)?;
    let right = password.hash.digest(&[&input]);
    let mut key = decrypt([0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6], key)?;
    key.truncate(key_bits / 8);
    value.starts_with(&right).then_some(key)
}

fn base64_of(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().to_vec()
}

/// The password, hashed again and again so that guessing takes long.
fn spun<D: Digest>(salt: &[u8], rounds: u32) -> Vec<u8> {
    let password: Vec<u8> = BUILT_IN_PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut hash = D::new().chain_update(salt).chain_update(&password).finalize();
    for round in 0..rounds {
        hash = D::new().chain_update(round.to_le_bytes()).chain_update(&hash).finalize();
    }
    hash.to_vec()
}

enum Cipher {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl Cipher {
    fn new(key: &[u8]) -> Option<Self> {
        match key.len() {
            16 => Aes128::new_from_slice(key).ok().map(Self::Aes128),
            24 => Aes192::new_from_slice(key).ok().map(Self::Aes192),
            32 => Aes256::new_from_slice(key).ok().map(Self::Aes256),
            _ => None,
        }
    }

    fn block(&self, encrypted: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Block::from(encrypted);
        match self {
            Self::Aes128(cipher) => cipher.decrypt_block(&mut block),
            Self::Aes192(cipher) => cipher.decrypt_block(&mut block),
            Self::Aes256(cipher) => cipher.decrypt_block(&mut block),
        }
        block.into()
    }

    /// Every block for itself.
    fn blocks(&self, encrypted: &[u8]) -> Vec<u8> {
        let (whole, _) = encrypted.as_chunks::<BLOCK>();
        whole.iter().flat_map(|block| self.block(*block)).collect()
    }

    /// Every block chained to the one before it.
    fn chained(&self, encrypted: &[u8], vector: &[u8]) -> Vec<u8> {
        let mut before = [0x36; BLOCK];
        before.iter_mut().zip(vector).for_each(|(b, v)| *b = *v);
        let (whole, _) = encrypted.as_chunks::<BLOCK>();
        let mut plain = Vec::with_capacity(encrypted.len());
        for &block in whole {
            let opened = self.block(block);
            plain.extend(opened.iter().zip(before).map(|(o, b)| o ^ b));
            before = block;
        }
        plain
    }
}
