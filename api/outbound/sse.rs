//! Server-sent events out of bytes, as a model's endpoint sends them (HTML standard, section 9.2).
//!
//! Our own and not `eventsource-stream` 0.2: that one copies the rest of its buffer after each line, so that 160 kB of
//! line ends in one piece keep a core busy for 20 s without yielding, and its lines have no end. This one is linear, its
//! events are bounded, and it knows of `data` alone.

/// Bytes of one event beyond which it is no event of a model.
const LONGEST_EVENT: usize = 256 * 1024;

/// An event grew beyond all bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// Cuts bytes into the data of events.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
    begun: bool,
}

impl Events {
    /// Takes the next bytes, cut anywhere, and hands over the data of each event that they complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut event: impl FnMut(&str)) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            // CR LF may be cut between the two; the LF then ends nothing.
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
                self.line.extend_from_slice(bytes);
                return self.bounded();
            };
            self.line.extend_from_slice(&bytes[..end]);
            self.bounded()?;
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            self.end_of_line(&mut event);
        }
        Ok(())
    }

    /// Hands over what stands there when the stream ends without an empty line, which some endpoints forget.
    pub(super) fn finish(mut self, mut event: impl FnMut(&str)) {
        if !self.line.is_empty() {
            self.end_of_line(&mut event);
        }
        self.line.clear();
        self.end_of_line(&mut event);
    }

    fn bounded(&self) -> Result<(), TooLong> {
        if self.line.len() + self.data.len() > LONGEST_EVENT { Err(TooLong) } else { Ok(()) }
    }

    fn end_of_line(&mut self, event: &mut impl FnMut(&str)) {
        let mut line = self.line.as_slice();
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                event(&String::from_utf8_lossy(&self.data));
            }
            self.data.clear();
        } else if let Some(value) = line.strip_prefix(b"data").filter(|rest| rest.first().is_none_or(|b| *b == b':')) {
            let value = value.strip_prefix(b":").unwrap_or(value);
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        // Comments and the fields event, id and retry say nothing that we need.
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<String>, TooLong> {
        let mut events = Events::default();
        let mut found = Vec::new();
        for piece in pieces {
            events.push(piece, |data| found.push(data.to_owned()))?;
        }
        events.finish(|data| found.push(data.to_owned()));
        Ok(found)
    }

    #[test]
    fn data_is_found() {
        fn check(text: &str, data: &[&str]) {
            for size in [1, 2, 3, 7, 1000] {
                assert_eq!(
                    events(text.as_bytes().chunks(size)),
                    Ok(data.iter().map(|d| (*d).to_owned()).collect()),
                    "{text:?}"
                );
            }
        }
        check("", &[]);
        check("data: a\n\ndata:b\n\n", &["a", "b"]);
        check("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]);
        check("data: a\r\rdata: b\r\r", &["a", "b"]);
        check("data: a\ndata: b\n\n", &["a\nb"]);
        check(": comment\n\n:\n\nevent: x\nid: 1\nretry: 5\ndata: a\n\n", &["a"]);
        check("\u{feff}data: a\n\n", &["a"]);
        check("data\n\ndata:\n\n", &["", ""]);
        check("database: a\n\n", &[]);
        check("data: a", &["a"]);
        check("data: a\n", &["a"]);
        check("data: häé€👍\n\n", &["häé€👍"]);
        check("\n\n\n\n", &[]);
        check("data:  a\n\n", &[" a"]);
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(events([&b"data: \xff\xfe\n\n"[..]]), Ok(vec!["\u{fffd}\u{fffd}".to_owned()]));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let line = [b'x'; 1000];
        assert_eq!(events(std::iter::repeat_n(&line[..], 300)), Err(TooLong));
        assert_eq!(events(std::iter::repeat_n(&b"data: xxxxxxxxxxxxxxxxxxx\n"[..], 20_000)), Err(TooLong));
        assert_eq!(events(std::iter::repeat_n(&b"\n\r\n\r\n"[..], 200_000)), Ok(vec![]));
    }

    proptest! {
        #[test]
        fn where_it_is_cut_makes_no_difference(bytes in prop::collection::vec(prop::sample::select(b"data: \r\nx\xc3\xa9".to_vec()), 0..80), at in 0usize..80) {
            let at = at.min(bytes.len());
            prop_assert_eq!(events([&bytes[..at], &bytes[at..]]), events([&bytes[..]]));
        }
    }
}
