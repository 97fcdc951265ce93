//! What a client does with a callback, by the contract's section 9 and the Standard Webhooks specification, in code of its own.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use mouthpiece_server::account::Account;
use serde_json::Value;
use sha1::{Digest, Sha1};

use crate::receiver::Call;

/// Checks both signatures and gives the plain text.
pub fn open(call: &Call, account: &Account) -> Value {
    let sealed: Value = serde_json::from_slice(&call.body).unwrap();
    let mut keys: Vec<_> = sealed.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["dataEncrypt", "nonce", "signature", "timestamp"]);
    let data = sealed["dataEncrypt"].as_str().unwrap();
    let timestamp = sealed["timestamp"].as_i64().unwrap().to_string();
    let mut parts = [&account.client_id, &timestamp, sealed["nonce"].as_str().unwrap(), data];
    parts.sort_unstable();
    assert_eq!(sealed["signature"], hex::encode(Sha1::digest(parts.concat())));
    verify_standard(call, account);
    decrypt(data, account)
}

fn decrypt(data: &str, account: &Account) -> Value {
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(account.client_secret.as_bytes(), account.client_id.as_bytes()).unwrap();
    let sealed = STANDARD.decode(data).unwrap();
    serde_json::from_slice(&cipher.decrypt_padded_vec_mut::<Pkcs7>(&sealed).unwrap()).unwrap()
}

fn verify_standard(call: &Call, account: &Account) {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(account.client_secret.as_bytes()).unwrap();
    for part in [call.header("webhook-id"), ".", call.header("webhook-timestamp"), "."] {
        mac.update(part.as_bytes());
    }
    mac.update(&call.body);
    let signature = call.header("webhook-signature").strip_prefix("v1,").unwrap();
    mac.verify_slice(&STANDARD.decode(signature).unwrap()).unwrap();
}
