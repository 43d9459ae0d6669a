//! JSON as Go's encoding/json reads it: one value after the other from a stream.

use super::{Key, Mark, Node, Value, YamlError, entries::Entries, text};

/// As in the YAML tree: no object comes near, and the tree is walked by recursion.
const DEPTH: usize = 1_000;

/// A value and where the next one may begin.
pub(crate) struct Parsed {
    pub(crate) node: Node,
    /// Byte offset behind the value.
    pub(crate) end: usize,
}

/// Reads the value that begins at `from` or behind white space; `None` at the end.
/// The nodes carry no places: nothing points into a Build's JSON.
/// Bytes that are no UTF-8 and lone surrogates in strings become U+FFFD, as in Go.
pub(crate) fn value(text: &[u8], from: usize) -> Option<Result<Parsed, YamlError>> {
    let mut reader = Reader { text, at: from, depth: 0 };
    reader.space();
    if reader.at == text.len() {
        return None;
    }
    Some(match reader.value() {
        Ok(node) => Ok(Parsed { node, end: reader.at }),
        Err(message) => Err(YamlError {
            at: text::byte_mark(text, reader.at),
            message: format!("this is not JSON: {message}"),
        }),
    })
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &'static str, value: Value) -> Read<Value> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err("a value was expected");
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self) -> Read<Node> {
        let at = Mark::default();
        let value = match self.peek().ok_or("the text ends too early")? {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => Value::String(self.string()?),
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => Value::Number(self.number()?),
        };
        Ok(Node { value, at })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Read<Value>) -> Read<Value> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("nested deeper than 1,000 levels");
        }
        self.at += 1;
        self.space();
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Read<Value> {
        let mut entries = Entries::default();
        if self.take(b'}') {
            return Ok(Value::Map(Vec::new()));
        }
        loop {
            self.space();
            let at = Mark::default();
            if self.peek() != Some(b'"') {
                return Err("a key in double quotes was expected");
            }
            let name = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err("`:` was expected");
            }
            self.space();
            let value = self.value()?;
            entries.insert(Key { name, at }, value);
            self.space();
            if self.take(b'}') {
                return Ok(Value::Map(entries.into_list()));
            }
            if !self.take(b',') {
                return Err("`,` or `}` was expected");
            }
        }
    }

    fn array(&mut self) -> Read<Value> {
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Value::List(items));
        }
        loop {
            self.space();
            items.push(self.value()?);
            self.space();
            if self.take(b']') {
                return Ok(Value::List(items));
            }
            if !self.take(b',') {
                return Err("`,` or `]` was expected");
            }
        }
    }

    fn number(&mut self) -> Read<f64> {
        let start = self.at;
        let digits = |reader: &mut Self| {
            let from = reader.at;
            while reader.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                reader.at += 1;
            }
            reader.at > from
        };
        self.take(b'-');
        // A leading zero stands alone.
        if !self.take(b'0') && !digits(self) {
            return Err("a value was expected");
        }
        if self.take(b'.') && !digits(self) {
            return Err("digits were expected");
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'-') || self.take(b'+');
            if !digits(self) {
                return Err("digits were expected");
            }
        }
        let number = std::str::from_utf8(&self.text[start..self.at]).ok();
        number
            .and_then(|number| number.parse().ok())
            .filter(|value: &f64| value.is_finite())
            .ok_or("this number is too large")
    }

    fn string(&mut self) -> Read<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && !matches!(byte, b'"' | b'\\')) {
                self.at += 1;
            }
            match std::str::from_utf8(&self.text[start..self.at]) {
                Ok(plain) => out.push_str(plain),
                Err(_) => out.push_str(&super::scalar::lossy(&self.text[start..self.at])),
            }
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => return Err("a control character stands in a string"),
                None => return Err("a string has no end"),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let byte = self.peek().ok_or("a string has no end")?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if let Some(char) = char::from_u32(first) {
                    return Ok(char);
                }
                let rest = &self.text[self.at..];
                if (0xd800..0xdc00).contains(&first) && rest.starts_with(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = back;
                }
                char::REPLACEMENT_CHARACTER
            }
            _ => return Err("an unknown escape stands in a string"),
        })
    }

    fn hex(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or("a string has no end")?;
        let mut value = 0;
        for &digit in digits {
            let digit = char::from(digit).to_digit(16).ok_or("four hex digits were expected")?;
            value = value * 16 + digit;
        }
        self.at += 4;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<(Value, usize), String> {
        let parsed = value(text, 0).unwrap().map_err(|error| error.message)?;
        Ok((parsed.node.value, parsed.end))
    }

    fn string(text: &[u8]) -> String {
        match read(text).unwrap().0 {
            Value::String(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_ends_where_the_next_may_begin() {
        assert_eq!(read(b" 1 2").unwrap(), (Value::Number(1.0), 2));
        assert_eq!(read(b"{} {}").unwrap().1, 2);
        assert!(value(b" \n\t", 0).is_none());
        assert!(value(b"1 ", 1).is_none());
    }

    #[test]
    fn escapes_and_what_is_no_text_read_as_in_go() {
        assert_eq!(string(br#""\/\b\f\n\r\t\"\\""#), "/\u{8}\u{c}\n\r\t\"\\");
        assert_eq!(string(br#""\ud83d\ude00""#), "😀");
        assert_eq!(string(br#""\ud83dx\ude00""#), "\u{fffd}x\u{fffd}");
        assert_eq!(string(br#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(string(b"\"\xff\xfe\""), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn only_json_is_read() {
        for text in [
            "01",
            "1.",
            ".5",
            "+1",
            "-",
            "1e",
            "1e400",
            "tru",
            "'a'",
            "{a:1}",
            "{\"a\":1,}",
            "[1,]",
            "[1 2]",
            "\"\\x41\"",
            "\"\\u12g4\"",
            "\"a",
            "{\"a\"",
            "NaN",
        ] {
            // Where a number ends early the rest is the next value's trouble.
            let whole = read(text.as_bytes()).is_ok_and(|(_, end)| end == text.len());
            assert!(!whole, "{text}");
        }
        assert!(read(b"\"a\tb\"").is_err());
    }

    #[test]
    fn the_last_of_two_equal_names_wins() {
        let (value, _) = read(br#"{"a":1,"b":2,"a":3}"#).unwrap();
        let Value::Map(entries) = value else { panic!() };
        let names: Vec<_> = entries.iter().map(|(key, _)| key.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(entries[0].1.value, Value::Number(3.0));
    }
}
