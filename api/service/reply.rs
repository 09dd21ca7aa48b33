//! Where answers to our mails come back, and reports on them: addresses that nobody can guess or make, and the signature of the
//! webhook.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::id::{AgencyId, ConversationId, MailId, MessageId};
use crate::error::{Error, Result};

/// Letters of an id without its kind.
const DIGITS: usize = 26;

/// What an address that we made names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The thread that an answer belongs to.
    Thread(ConversationId),
    /// The mail that a report is about.
    Report(MailId),
}

impl Named {
    /// The letter that an address of its kind begins with, its number, and what is signed.
    fn parts(self) -> (char, u128, String) {
        match self {
            Self::Thread(conversation) => ('r', conversation.number(), conversation.to_string()),
            Self::Report(mail) => ('b', mail.number(), mail.to_string()),
        }
    }
}

/// Makes and knows reply addresses: a letter for the kind, what they name, and a signature over that and its agency, each in 26
/// letters.
pub struct Replies {
    key: Hmac<Sha256>,
    host: Option<String>,
    webhook: Option<Hmac<Sha256>>,
}

fn digits(number: u128) -> String {
    // Ids are written in letters that survive whatever mail servers do to the case of an address.
    MessageId::from_number(number).to_string().split('_').nth(1).unwrap_or_default().to_owned()
}

fn number(digits: &str) -> Option<u128> {
    format!("msg_{digits}").parse::<MessageId>().ok().map(|id| id.number())
}

impl Replies {
    /// Under a key derived from the secret of the installation; for addresses at that host, if there is one.
    pub fn new(secret: &[u8; 32], host: Option<String>, webhook: Option<String>) -> Result<Self> {
        let mut key = Hmac::<Sha256>::new_from_slice(secret).map_err(Error::internal)?;
        key.update(b"reply addresses");
        let key = Hmac::<Sha256>::new_from_slice(&key.finalize().into_bytes()).map_err(Error::internal)?;
        let webhook = webhook.map(|secret| Hmac::<Sha256>::new_from_slice(secret.as_bytes())).transpose();
        Ok(Self { key, host, webhook: webhook.map_err(Error::internal)? })
    }

    /// Whether mails can come back at all.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    fn signature(&self, agency: AgencyId, named: Named) -> u128 {
        let mut mac = self.key.clone();
        mac.update(format!("{agency} {}", named.parts().2).as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut first = [0u8; 16];
        first.copy_from_slice(&bytes[..16]);
        u128::from_be_bytes(first)
    }

    /// The part before the `@` of an address.
    pub fn local_part(&self, agency: AgencyId, named: Named) -> String {
        let (kind, number, _) = named.parts();
        format!("{kind}{}{}", digits(number), digits(self.signature(agency, named)))
    }

    /// The whole address; none where no mails come back.
    pub fn address(&self, local_part: &str) -> Option<String> {
        self.host.as_ref().map(|host| format!("{local_part}@{host}"))
    }

    /// What an address names, and what it says as its signature. Whether that is right is asked by [`Self::is_genuine`], once
    /// it is known whose that is.
    pub fn named(&self, address: &str) -> Option<(Named, u128)> {
        let (local, host) = address.rsplit_once('@')?;
        if !host.trim_end_matches('.').eq_ignore_ascii_case(self.host.as_deref()?) {
            return None;
        }
        let local = local.to_ascii_lowercase();
        let (kind, rest) = local.split_at_checked(1).filter(|(_, rest)| rest.len() == 2 * DIGITS && rest.is_ascii())?;
        let (id, signature) = rest.split_at(DIGITS);
        let id = number(id)?;
        let named = match kind {
            "r" => Named::Thread(ConversationId::from_number(id)),
            "b" => Named::Report(MailId::from_number(id)),
            _ => return None,
        };
        Some((named, number(signature)?))
    }

    /// Whether we signed that.
    pub fn is_genuine(&self, agency: AgencyId, named: Named, signature: u128) -> bool {
        let ours = self.signature(agency, named).to_be_bytes();
        verify_slices_are_equal(&ours, &signature.to_be_bytes()).is_ok()
    }

    /// Whether there is a webhook.
    pub fn has_webhook(&self) -> bool {
        self.webhook.is_some()
    }

    /// Whether whoever posts knows the secret: the signature is the HMAC-SHA256, in hexadecimal, over the recipient, a line
    /// feed, and the body.
    pub fn is_signed(&self, recipient: &str, body: &[u8], signature: &str) -> bool {
        let Some(webhook) = &self.webhook else { return false };
        let pairs = signature.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> =
            pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        let mut mac = webhook.clone();
        mac.update(recipient.as_bytes());
        mac.update(b"\n");
        mac.update(body);
        bytes.is_some_and(|bytes| mac.verify_slice(&bytes).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(secret: u8) -> Replies {
        let webhook = Some("a secret of some length".to_owned());
        Replies::new(&[secret; 32], Some("reply.example".to_owned()), webhook).expect("replies")
    }

    #[test]
    fn an_address_is_known_for_what_it_names_alone() {
        let number = u128::MAX / 3;
        for named in [Named::Thread(ConversationId::from_number(number)), Named::Report(MailId::from_number(number))] {
            is_known_for_its_own_alone(named);
        }
    }

    fn is_known_for_its_own_alone(named: Named) {
        let (ours, theirs) = (replies(1), replies(2));
        let (agency, other) = (AgencyId::from_number(7), AgencyId::from_number(8));
        let twin = match named {
            Named::Thread(id) => Named::Report(MailId::from_number(id.number())),
            Named::Report(id) => Named::Thread(ConversationId::from_number(id.number())),
        };
        let local = ours.local_part(agency, named);
        assert!(
            local.len() <= 64 && local.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
            "{local}"
        );
        let address = ours.address(&local).expect("an address");
        for written in [address.clone(), address.to_uppercase(), format!("{address}.")] {
            let (found, signature) = ours.named(&written).expect("named");
            assert_eq!(found, named);
            assert!(ours.is_genuine(agency, found, signature), "{written}");
            assert!(!ours.is_genuine(other, found, signature) && !theirs.is_genuine(agency, found, signature));
            for wrong in [twin, Named::Thread(ConversationId::from_number(1)), Named::Report(MailId::from_number(1))] {
                assert!(!ours.is_genuine(agency, wrong, signature));
            }
            assert!(!ours.is_genuine(agency, found, signature ^ 1));
        }
        for wrong in
            ["", "@", "r@reply.example", "rr@reply.example", &format!("{local}@other.example"), &format!("x{address}")]
        {
            assert!(ours.named(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_webhook_is_believed_with_its_signature_alone() {
        let replies = replies(1);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"a secret of some length").expect("a key");
        mac.update(b"r@reply.example\nbody");
        let good: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(replies.is_signed("r@reply.example", b"body", &good));
        assert!(!replies.is_signed("r@reply.example", b"Body", &good));
        assert!(!replies.is_signed("x@reply.example", b"body", &good));
        for bad in ["", "00", "zz", &good[1..], "\u{e4}\u{e4}"] {
            assert!(!replies.is_signed("r@reply.example", b"body", bad), "{bad}");
        }
    }
}
