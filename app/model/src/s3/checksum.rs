//! CRC-32 as S3 has it: a checksum that the sender computes and S3 verifies.
//!
//! It is computed in the browser, too, whose own means give SHA-256 only, and that only over TLS. The table is small on purpose: it is part of
//! what is downloaded.

/// The remainders of all bytes, for the polynomial of ISO 3309.
const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut rest = byte;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 { (rest >> 1) ^ 0xedb8_8320 } else { rest >> 1 };
            bit += 1;
        }
        table[byte as usize] = rest;
        byte += 1;
    }
    table
}

/// A CRC-32 that is being computed, piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32(u32);

impl Default for Crc32 {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl Crc32 {
    /// Goes on with these bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut rest = self.0;
        for byte in bytes {
            rest = (rest >> 8) ^ TABLE[((rest ^ u32::from(*byte)) & 0xff) as usize];
        }
        self.0 = rest;
    }

    /// As S3 writes it: the four bytes in Base64, such as `y/Q5Jg==`.
    #[must_use]
    pub fn text(self) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        // Six letters of six bits each, four of them for nothing.
        let bits = u64::from(!self.0) << 4;
        let mut text: String =
            (0..6).map(|at| char::from(LETTERS[(bits >> (30 - 6 * at) & 63) as usize])).collect();
        text.push_str("==");
        text
    }
}

/// Whether a text can be a CRC-32 as S3 writes it.
#[must_use]
pub fn is_crc32(text: &str) -> bool {
    text.strip_suffix("==").is_some_and(|letters| {
        letters.len() == 6
            && letters.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pieces: &[&[u8]]) -> String {
        let mut crc = Crc32::default();
        for piece in pieces {
            crc.update(piece);
        }
        crc.text()
    }

    #[test]
    fn it_is_what_everybody_computes() {
        // The check value of the algorithm, cbf43926, and what S3 says of nothing.
        assert_eq!(of(&[b"123456789"]), "y/Q5Jg==");
        assert_eq!(of(&[b"1234", b"", b"56789"]), "y/Q5Jg==");
        assert_eq!(of(&[]), "AAAAAA==");
        // d3d99e8b, of one byte.
        assert_eq!(of(&[b"A"]), "09meiw==");
    }

    #[test]
    fn only_such_a_text_is_one() {
        assert!(is_crc32("y/Q5Jg==") && is_crc32("AAAAAA=="));
        for bad in ["", "==", "y/Q5Jg", "y/Q5J===", "cbf43926", "y_Q5Jg==", "y/Q5Jg==\n"] {
            assert!(!is_crc32(bad), "{bad:?}");
        }
    }
}
