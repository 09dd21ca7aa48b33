//! An agency's server is spoken to under TLS, by the name that the agency gave, or not at all. The other side is `openssl`,
//! which knows nothing of us.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use livery::domain::mail::{HeaderText, Mailbox, Message, Outcome};
use livery::domain::sender::{Password, Route, Security, Server};
use livery::outbound::smtp::{Rules, Smtp};

use super::Names;
use crate::support::database::Database;
use crate::support::{soon, until};

const HOST: &str = "mail.northlight.test";

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let done = done.expect("openssl is on this machine");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// An authority of the test's own, and a certificate by it for [`HOST`].
fn certificates(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=Test",
    );
    openssl(
        folder,
        &format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj /CN={HOST}"
        ),
    );
    let extensions = format!("subjectAltName=DNS:{HOST}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n");
    std::fs::write(folder.join("leaf.ext"), extensions).expect("written");
    openssl(
        folder,
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem -days 30 -extfile leaf.ext",
    );
}

struct TlsServer {
    child: Child,
    port: u16,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl TlsServer {
    /// Speaks SMTP behind TLS, to one client after the other; `heard` gets every line of theirs.
    async fn start(folder: &Path, heard: std::sync::mpsc::Sender<String>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut child = Command::new("openssl")
            .args(["s_server", "-cert", "leaf.pem", "-key", "leaf.key", "-accept", &format!("127.0.0.1:{port}")])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is on this machine");
        let (mut say, lines) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut content = false;
            let mut answer = |text: &str| say.write_all(text.as_bytes()).and_then(|()| say.flush()).is_ok();
            for line in BufReader::new(lines).lines() {
                let Ok(line) = line else { return };
                let line = line.trim_end().to_owned();
                let reply = match line.split([' ', ':']).next().unwrap_or_default() {
                    "ACCEPT" => {
                        ready.send(()).ok();
                        continue;
                    }
                    // The last word of openssl itself before the other side speaks.
                    "CIPHER" if !content => "220 mail ready\r\n",
                    "." if content => "250 taken\r\n",
                    _ if content => "",
                    "EHLO" => "250-mail\r\n250 AUTH PLAIN\r\n",
                    "AUTH" => "235 welcome\r\n",
                    "MAIL" | "RCPT" => "250 fine\r\n",
                    "DATA" => "354 go on\r\n",
                    "QUIT" => "221 bye\r\n",
                    _ => continue,
                };
                content = line == "DATA" || (content && line != ".");
                if heard.send(line).is_err() || (!reply.is_empty() && !answer(reply)) {
                    return;
                }
            }
        });
        until(async || is_ready.try_recv().ok()).await;
        Self { child, port }
    }
}

fn message() -> Message {
    Message {
        id: "mal_x@northlight.test".to_owned(),
        envelope: "hello@northlight.test".to_owned(),
        from: Mailbox { name: HeaderText::tamed("Northlight", 20), address: "hello@northlight.test".to_owned() },
        reply_to: None,
        to: "jo@bluebakery.test".to_owned(),
        subject: HeaderText::tamed("It works", 20),
        html: "<p>It works</p>".to_owned(),
        text: "It works".to_owned(),
        at: super::AT,
        thread: None,
        unsubscribe: None,
    }
}

async fn deliver(port: u16, host: &str, roots: Vec<Vec<u8>>) -> Outcome {
    let names = Names([(host.to_owned(), Ipv4Addr::LOCALHOST.into())].into());
    let allow = vec!["127.0.0.0/8".parse().expect("a range")];
    let within = Duration::from_secs(8);
    let rules = Rules { ports: vec![port], allow, roots, within, ..Rules::default() };
    let smtp = Smtp::with_rules(None, rules, names).expect("rules");
    let server = Server {
        host: host.to_owned(),
        port,
        security: Security::Tls,
        username: "north".to_owned(),
        password: Password::new("secret".to_owned()),
    };
    soon(smtp.deliver(&Route::Own(server), &message())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_server_that_was_named_gets_a_mail() {
    let database = Database::sqlite();
    let folder = database.folder.path();
    certificates(folder);
    let root = std::fs::read(folder.join("ca.pem")).expect("a certificate");
    let (heard, lines) = std::sync::mpsc::channel();
    let server = TlsServer::start(folder, heard).await;
    for (host, roots) in [(HOST, Vec::new()), ("mail.evil.test", vec![root.clone()])] {
        let outcome = deliver(server.port, host, roots).await;
        assert!(matches!(&outcome, Outcome::Unreachable(_)), "{host}: {outcome:?}");
    }
    assert!(lines.try_recv().is_err(), "nothing was said to a stranger");
    drop(server);
    let (heard, lines) = std::sync::mpsc::channel();
    let server = TlsServer::start(folder, heard).await;
    assert_eq!(deliver(server.port, HOST, vec![root]).await, Outcome::Taken);
    let said: Vec<String> = lines.try_iter().collect();
    assert!(
        said.iter().any(|line| line.starts_with("AUTH PLAIN")) && said.iter().any(|line| line.contains("It works"))
    );
}
