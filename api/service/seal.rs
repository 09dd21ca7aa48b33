//! Secrets at rest: what has to be read again is sealed, what only has to be recognised is kept as a hash.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::id::IdSource;
use crate::error::{Error, Result};

/// Seals and opens under a key derived from the secret of the installation: AES-256-GCM, a fresh nonce each time.
pub struct Seal {
    key: LessSafeKey,
    /// For what is only to be recognised as ours.
    mark: Hmac<Sha256>,
    ids: IdSource,
}

impl Seal {
    /// Under the secret of the installation. Another secret opens nothing of this one.
    pub fn new(secret: &[u8; 32], ids: IdSource) -> Result<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
        mac.update(b"sealed at rest");
        let key = UnboundKey::new(&AES_256_GCM, &mac.finalize().into_bytes()).map_err(Error::internal)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
        mac.update(b"signed addresses");
        let mark = Hmac::<Sha256>::new_from_slice(&mac.finalize().into_bytes()).map_err(Error::internal)?;
        Ok(Self { key: LessSafeKey::new(key), mark, ids })
    }

    fn marked(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.mark.clone();
        // The length keeps a purpose and a text from being read as another purpose and another text.
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text.as_bytes());
        mac
    }

    /// What shows that a text that everybody may read is ours, for one purpose.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.marked(purpose, text).finalize().into_bytes())
    }

    /// Whether that was signed by us, for that purpose. Takes as long for every wrong one.
    pub fn is_signed(&self, purpose: &str, text: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|signature| self.marked(purpose, text).verify_slice(&signature).is_ok())
    }

    /// Seals a text. It opens under the same `purpose` alone, so that no sealed value serves in another's place: name
    /// the column, and the id of the row.
    pub fn close(&self, purpose: &str, text: &str) -> Result<String> {
        let mut nonce = [0u8; NONCE_LEN];
        nonce.copy_from_slice(&self.ids.bits().to_ne_bytes()[..NONCE_LEN]);
        let mut bytes = text.as_bytes().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut bytes)
            .map_err(Error::internal)?;
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(nonce), URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what was sealed for that purpose.
    ///
    /// # Errors
    /// INTERNAL when it was sealed under another secret or purpose, or was changed.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<String> {
        let broken = || Error::internal(format!("a sealed value cannot be opened: {purpose}"));
        let (nonce, bytes) = sealed.split_once('.').ok_or_else(broken)?;
        let nonce = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| broken())?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| broken())?;
        let mut bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| broken())?;
        let opened =
            self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut bytes).map_err(|_| broken())?.to_vec();
        String::from_utf8(opened).map_err(|_| broken())
    }
}

/// A secret of 256 random bits for a link or a cookie, as text.
pub fn secret(ids: &IdSource) -> String {
    let mut bits = [0u8; 32];
    bits[..16].copy_from_slice(&ids.bits().to_be_bytes());
    bits[16..].copy_from_slice(&ids.bits().to_be_bytes());
    URL_SAFE_NO_PAD.encode(bits)
}

/// What is kept of a secret that only has to be recognised. Good for random secrets alone, never for passwords.
pub fn hash_of(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> IdSource {
        let next = std::sync::atomic::AtomicU64::new(1);
        IdSource::new(move || u128::from(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
    }

    #[test]
    fn a_signature_counts_for_its_text_and_purpose_alone() {
        let seal = Seal::new(&[7; 32], ids()).expect("a seal");
        let signature = seal.sign("get", "one");
        assert!(seal.is_signed("get", "one", &signature));
        assert!(!seal.is_signed("get", "two", &signature) && !seal.is_signed("put", "one", &signature));
        assert!(!seal.is_signed("ge", "tone", &signature) && !seal.is_signed("get", "one", ""));
        assert!(!Seal::new(&[8; 32], ids()).expect("a seal").is_signed("get", "one", &signature));
    }

    #[test]
    fn what_was_closed_opens_for_its_purpose_alone() {
        let seal = Seal::new(&[7; 32], ids()).expect("a seal");
        let closed = seal.close("sender password", "hunter2").expect("closed");
        assert!(!closed.contains("hunter2"));
        assert_ne!(closed, seal.close("sender password", "hunter2").expect("closed"));
        assert_eq!(seal.open("sender password", &closed).expect("opened"), "hunter2");
        assert!(seal.open("second factor", &closed).is_err());
        assert!(Seal::new(&[8; 32], ids()).expect("a seal").open("sender password", &closed).is_err());
        for broken in ["", ".", "a.b", &closed[1..], &closed[..closed.len() - 1]] {
            assert!(seal.open("sender password", broken).is_err(), "{broken}");
        }
    }
}
