//! Changed signatures.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::fixture::{THEIR_ISSUER, Tokens, decode, fixture, parts};
use testing::tokens::seal;

#[tokio::test]
async fn a_token_that_was_changed_is_refused() {
    let fixture = fixture().await;
    let stranger = fixture.user.service.new_user().await;
    let good = fixture.good();
    let mut tokens = Tokens::default();
    for (name, token) in &good {
        let [header, payload, signature] = parts(token);
        let bytes = decode(signature);
        let text = String::from_utf8(decode(payload)).expect("it is JSON");
        let message = format!("{header}.{payload}");
        let mut add = |what: &str, token: String| tokens.add(format!("{name}: {what}"), token);

        for (what, text) in [
            ("another user", text.replace(&fixture.user.id, &stranger.id)),
            ("one more space", text.replacen(':', ": ", 1)),
        ] {
            let payload = BASE64_URL_SAFE_NO_PAD.encode(text);
            add(what, format!("{header}.{payload}.{signature}"));
        }
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            add("one bit", seal(&message, &changed));
        }
        for (what, signature) in [
            ("no signature", vec![]),
            ("half a signature", bytes[..bytes.len() / 2].to_vec()),
            ("a byte less", bytes[..bytes.len() - 1].to_vec()),
            ("a byte more", [&bytes[..], &[0]].concat()),
            ("a byte ahead", [&[0], &bytes[..]].concat()),
            ("twice", [&bytes[..], &bytes[..]].concat()),
            ("zeros", vec![0; bytes.len()]),
            ("ones", vec![0xff; bytes.len()]),
            ("one", [vec![0; bytes.len() - 1], vec![1]].concat()),
        ] {
            add(what, seal(&message, &signature));
        }
        for (_, other) in good.iter().filter(|(other, _)| other != name) {
            let [their_header, _, their_signature] = parts(other);
            add(
                "a foreign signature",
                format!("{message}.{their_signature}"),
            );
            add(
                "a foreign header",
                format!("{their_header}.{payload}.{signature}"),
            );
        }
    }
    fixture.assert_refused(tokens).await;
}

/// Little-endian: S of a signature is less than this (RFC 8032 section 5.1.7).
const ORDER_OF_ED25519: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Big-endian: r and s of a signature are less than this, and not zero.
const ORDER_OF_P256: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[tokio::test]
async fn a_second_form_of_an_eddsa_signature_is_refused() {
    let fixture = fixture().await;
    let theirs = &fixture.theirs["EdDSA"];
    let mut tokens = Tokens::default();
    for (issuer, key) in [
        (fixture.our_issuer.as_str(), &fixture.ours),
        (THEIR_ISSUER, theirs),
    ] {
        let message = fixture.token(issuer).message(key);
        let mut signature = key.sign(&message);
        let token = seal(&message, &signature);

        let mut carry = 0;
        for (byte, addend) in signature[32..].iter_mut().zip(ORDER_OF_ED25519) {
            let sum = u16::from(*byte) + u16::from(addend) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        tokens.add("S + L", seal(&message, &signature));
        let neutral_point = [vec![1], vec![0; 63]].concat();
        tokens.add("the neutral point", seal(&message, &neutral_point));

        // 86 letters have 516 bits, and the signature 512.
        let (rest, last) = token.split_at(token.len() - 1);
        let next = char::from(last.as_bytes()[0] + 1);
        tokens.add("a bit that is not used", format!("{rest}{next}"));
    }
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_second_form_of_an_ecdsa_signature_is_refused() {
    let fixture = fixture().await;
    let key = &fixture.theirs["ES256"];
    let message = fixture.token(THEIR_ISSUER).message(key);
    let signature = key.sign(&message);
    let (r, s) = signature.split_at(32);
    let (n, zero) = (&ORDER_OF_P256[..], &[0; 32][..]);
    let mut tokens = Tokens::default();
    for (what, r, s) in [
        ("zeros", zero, zero),
        ("r = 0", zero, s),
        ("s = 0", r, zero),
        ("r = s = n", n, n),
    ] {
        tokens.add(what, seal(&message, &[r, s].concat()));
    }
    // This is the form of other protocols. RFC 7518 section 3.4 concatenates r and s.
    let der = der(0x30, &[der(0x02, r), der(0x02, s)].concat());
    tokens.add("DER", seal(&message, &der));
    fixture.assert_refused(tokens).await;
}

/// A short value with its tag; a number starts with a zero rather than a sign.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let is_negative = tag == 0x02 && value[0] > 0x7f;
    let zero: &[u8] = if is_negative { &[0] } else { &[] };
    let length = u8::try_from(zero.len() + value.len()).expect("it is short");
    [&[tag, length], zero, value].concat()
}
