//! The contract's sealing of callbacks: AES-CBC under the client's secret, and SHA-1 over the sorted parts.
//!
//! Both are what existing clients expect; [`super::delivery`] adds a modern signature beside them.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockEncryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::Rng;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::clock::Millis;
use crate::problem::{Problem, Result};

/// What is posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sealed {
    /// 40 hex digits.
    pub signature: String,
    /// Base64.
    pub data_encrypt: String,
    pub timestamp: Millis,
    /// Four digits.
    pub nonce: String,
}

/// Seals a text with a nonce of its own.
pub fn seal(client_id: &str, client_secret: &str, plain: &str, timestamp: Millis) -> Result<Sealed> {
    let nonce = format!("{:04}", rand::rng().random_range(0..10_000));
    seal_with(client_id, client_secret, plain, timestamp, nonce)
}

/// Seals a text; `client_secret` has 16, 24 or 32 bytes.
pub fn seal_with(client_id: &str, client_secret: &str, plain: &str, timestamp: Millis, nonce: String) -> Result<Sealed> {
    let data_encrypt = STANDARD.encode(encrypt(client_secret.as_bytes(), client_id.as_bytes(), plain.as_bytes())?);
    Ok(Sealed {
        signature: sign(client_id, timestamp, &nonce, &data_encrypt),
        data_encrypt,
        timestamp,
        nonce,
    })
}

fn encrypt(key: &[u8], id: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let mut iv = [0; 16];
    let known = id.len().min(iv.len());
    iv[..known].copy_from_slice(&id[..known]);
    fn run<C: aes::cipher::BlockCipher + aes::cipher::BlockEncryptMut + aes::cipher::KeyInit>(
        key: &[u8],
        iv: &[u8; 16],
        plain: &[u8],
    ) -> Result<Vec<u8>>
    where
        cbc::Encryptor<C>: KeyIvInit + BlockEncryptMut,
    {
        let cipher = cbc::Encryptor::<C>::new_from_slices(key, iv).map_err(Problem::internal)?;
        Ok(cipher.encrypt_padded_vec_mut::<Pkcs7>(plain))
    }
    match key.len() {
        16 => run::<aes::Aes128>(key, &iv, plain),
        24 => run::<aes::Aes192>(key, &iv, plain),
        _ => run::<aes::Aes256>(key, &iv, plain),
    }
}

fn sign(client_id: &str, timestamp: Millis, nonce: &str, data: &str) -> String {
    let timestamp = timestamp.to_string();
    let mut parts = [client_id, &timestamp, nonce, data];
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the contract's section 9.
    #[test]
    fn seals_as_the_contract_says() {
        let plain = r#"{"_id":"67491cdb4d9d1664a9782292","status":3,"type":"avatar","url":"http://127.0.0.1:8080/r/67491cdb.mp4"}"#;
        let known = [
            (
                "0123456789abcdef",
                "0123456789ABCDEF0123456789ABCDEF",
                "160b3c1276a274dac1c17cf4aceea037dc77af10",
                "O4vmAAAC1DnGV64FYkx9Hwds4VYFEFGZFaLHJchwIfPgmLjS0sNtqhpGOvniDnrfTYz6MoJq/s6NRmZAH44WCs5UDDojI841Sxs5xRjY8XOBwRNXVFNTjUI4wSB91k0rH/obLcwnj5GE6WcV8WFATA==",
            ),
            (
                "QUFBQUJCQkJDQ0NDREREREE=",
                "c2VjcmV0LXNlY3JldC1zZWNyZXQtMTI=",
                "5e5b5852e689733a45dbae05d835f9fefad7b460",
                "QH23MMV/6jZj5QsgxgtmvPeB0UwCSVOsslxkS7oe0nJy3chVTZxF5/evIqSxg2EkEZBkOfK9yBtOGxRDrDBpuGFkcU8+L+YTnX9BdZTTyuhWIzHhrzB3EImovYrIpXl/jEhXHfyynLsKq55PQqPpiw==",
            ),
        ];
        for (id, secret, signature, data) in known {
            let sealed = seal_with(id, secret, plain, 1_732_844_763_774, "1529".into()).unwrap();
            assert_eq!((sealed.signature.as_str(), sealed.data_encrypt.as_str()), (signature, data));
        }
    }

    #[test]
    fn a_nonce_is_four_digits() {
        let sealed = seal("0123456789abcdef", "0123456789ABCDEF", "{}", 1).unwrap();
        assert!(sealed.nonce.len() == 4 && sealed.nonce.bytes().all(|b| b.is_ascii_digit()));
    }

    #[test]
    fn a_key_of_another_length_is_a_fault_of_ours() {
        assert!(seal("0123456789abcdef", "short", "{}", 1).is_err());
    }
}
