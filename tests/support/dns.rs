//! A name server that says what a test wants it to say: over UDP, as RFC 1035 describes it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

const A: u16 = 1;
const CNAME: u16 = 5;
const MX: u16 = 15;
const TXT: u16 = 16;

/// What a name has, or how asking for it ends.
#[derive(Debug, Clone)]
enum Entry {
    Records(Vec<(u16, Vec<u8>)>),
    /// SERVFAIL.
    Failure,
    /// No answer at all.
    Silence,
}

/// A server of a test's own; gone when dropped. Names that it does not know do not exist.
pub struct DnsServer {
    pub address: SocketAddr,
    zone: Arc<Mutex<HashMap<String, Entry>>>,
    task: JoinHandle<()>,
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.trim_end_matches('.').split('.') {
        wire.push(u8::try_from(label.len()).expect("a short label"));
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

/// The name that is asked for, and where it ends.
fn asked(query: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join(".").to_ascii_lowercase(), at));
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).into_owned());
        at += length;
    }
}

fn answer(query: &[u8], zone: &HashMap<String, Entry>) -> Option<Vec<u8>> {
    let (name, end) = asked(query)?;
    let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
    let (code, records) = match zone.get(&name) {
        Some(Entry::Silence) => return None,
        Some(Entry::Failure) => (2, Vec::new()),
        None => (3, Vec::new()),
        // A name that stands for another one says so whatever it is asked.
        Some(Entry::Records(records)) => {
            (0, records.iter().filter(|(of, _)| *of == kind || *of == CNAME).cloned().collect())
        }
    };
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80 | code, 0, 1]);
    reply.extend(u16::try_from(records.len()).ok()?.to_be_bytes());
    reply.extend([0, 0, 0, 0]);
    reply.extend(query.get(12..end + 4)?);
    for (of, data) in records {
        reply.extend([0xc0, 12]);
        reply.extend(of.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 0]);
        reply.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        reply.extend(data);
    }
    Some(reply)
}

impl DnsServer {
    pub async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let zone: Arc<Mutex<HashMap<String, Entry>>> = Arc::default();
        let served = zone.clone();
        let task = tokio::spawn(async move {
            let mut buffer = [0u8; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let reply = answer(&buffer[..length], &served.lock().expect("lock"));
                if let Some(reply) = reply {
                    socket.send_to(&reply, from).await.ok();
                }
            }
        });
        Self { address, zone, task }
    }

    fn put(&self, name: &str, entry: Entry) {
        self.zone.lock().expect("lock").insert(name.to_ascii_lowercase(), entry);
    }

    fn add(&self, name: &str, kind: u16, data: Vec<u8>) {
        let mut zone = self.zone.lock().expect("lock");
        match zone.entry(name.to_ascii_lowercase()).or_insert_with(|| Entry::Records(Vec::new())) {
            Entry::Records(records) => records.push((kind, data)),
            other => *other = Entry::Records(vec![(kind, data)]),
        }
    }

    /// Adds a text, cut into pieces of 255 as the protocol wants it.
    pub fn txt(&self, name: &str, text: &str) {
        let pieces = text.as_bytes().chunks(255);
        let data = pieces.flat_map(|piece| std::iter::once(piece.len() as u8).chain(piece.iter().copied())).collect();
        self.add(name, TXT, data);
    }

    pub fn cname(&self, name: &str, target: &str) {
        self.add(name, CNAME, wire_name(target));
    }

    pub fn a(&self, name: &str, address: Ipv4Addr) {
        self.add(name, A, address.octets().to_vec());
    }

    #[expect(dead_code, reason = "for tests of mail")]
    pub fn mx(&self, name: &str, host: &str) {
        let mut data = vec![0, 10];
        data.extend(wire_name(host));
        self.add(name, MX, data);
    }

    /// From now on asking for the name fails.
    pub fn fails(&self, name: &str) {
        self.put(name, Entry::Failure);
    }

    /// From now on nobody answers for the name.
    pub fn is_silent(&self, name: &str) {
        self.put(name, Entry::Silence);
    }

    /// From now on the name does not exist.
    pub fn forget(&self, name: &str) {
        self.zone.lock().expect("lock").remove(&name.to_ascii_lowercase());
    }
}
