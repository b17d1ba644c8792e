//! Just enough of CBOR (RFC 8949) to answer as CloudWatch, whose only protocol is rpc-v2-cbor.

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cbor {
    /// Text.
    Text(String),
    /// A double.
    Number(f64),
    /// A point in time, in milliseconds since the epoch: tag 1 over a double, as Smithy's protocol has it.
    Time(i64),
    /// An array.
    List(Vec<Cbor>),
    /// A map with text keys.
    Map(Vec<(&'static str, Cbor)>),
}

impl Cbor {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An array of whatever `items` become.
    pub fn list<T>(items: &[T], item: impl FnMut(&T) -> Self) -> Self {
        Self::List(items.iter().map(item).collect())
    }

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => {
                head(3, text.len(), out);
                out.extend(text.as_bytes());
            }
            Self::Number(number) => {
                out.push(0xfb);
                out.extend(number.to_be_bytes());
            }
            Self::Time(millis) => {
                out.push(0xc1);
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a double holds milliseconds of any date in use"
                )]
                Self::Number(*millis as f64 / 1000.0).write(out);
            }
            Self::List(items) => {
                head(4, items.len(), out);
                for item in items {
                    item.write(out);
                }
            }
            Self::Map(pairs) => {
                head(5, pairs.len(), out);
                for (key, value) in pairs {
                    Self::text(*key).write(out);
                    value.write(out);
                }
            }
        }
    }
}

/// The first bytes of a value: its major type and its length.
fn head(major: u8, length: usize, out: &mut Vec<u8>) {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    match u8::try_from(length) {
        Ok(short @ ..24) => out.push(major << 5 | short),
        _ => {
            out.push(major << 5 | 26);
            out.extend(length.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_encoded_as_it_says() {
        assert_eq!(Cbor::text("IETF").encode(), [0x64, 0x49, 0x45, 0x54, 0x46]);
        assert_eq!(Cbor::Number(1.1).encode(), [0xfb, 0x3f, 0xf1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a]);
        assert_eq!(Cbor::List(vec![]).encode(), [0x80]);
        assert_eq!(Cbor::Map(vec![("a", Cbor::text("A"))]).encode(), [0xa1, 0x61, 0x61, 0x61, 0x41]);
        assert_eq!(Cbor::text("x".repeat(24)).encode()[..5], [0x7a, 0, 0, 0, 24]);
    }
}
