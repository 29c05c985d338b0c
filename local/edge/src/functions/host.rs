//! The Rust side of a function's runtime: encodings, digests, the KeyValueStore, the log and the clock.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use hmac::Hmac;
use rquickjs::{Ctx, Exception, FromJs, Function, Object, Result, TypedArray, Value, function::Opt};
use sha2::Digest as _;

use super::kvs::Store;

/// The environment of a running function.
#[derive(Default)]
pub(super) struct Environment {
    /// The associated KeyValueStore: `arn:aws:cloudfront::<account>:key-value-store/<id>`.
    pub(super) store_arn: Option<String>,
    pub(super) store: Arc<Store>,
    pub(super) now_ms: f64,
    pub(super) log: Vec<String>,
}

/// The `host` object of `runtime.js`.
pub(super) fn host<'js>(ctx: &Ctx<'js>, environment: &Rc<RefCell<Environment>>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    host.set("encode", Function::new(ctx.clone(), encode)?)?;
    host.set("decode", Function::new(ctx.clone(), decode)?)?;
    host.set("digest", Function::new(ctx.clone(), digest)?)?;

    let shared = environment.clone();
    host.set(
        "log",
        Function::new(ctx.clone(), move |line: String| shared.borrow_mut().log.push(line))?,
    )?;
    let shared = environment.clone();
    host.set("now", Function::new(ctx.clone(), move || shared.borrow().now_ms)?)?;
    let shared = environment.clone();
    let store_error = move |id: Opt<Option<String>>| match (&shared.borrow().store_arn, id.0.flatten()) {
        (None, _) => Some("no key value store is associated with this function".to_owned()),
        (Some(arn), Some(id)) if *arn != id && arn.rsplit('/').next() != Some(&id) => {
            Some(format!("key value store {id} is not associated with this function"))
        }
        (Some(_), _) => None,
    };
    host.set("storeError", Function::new(ctx.clone(), store_error)?)?;
    let shared = environment.clone();
    let get = move |key: String| shared.borrow().store.get(&key).map(str::to_owned);
    host.set("storeGet", Function::new(ctx.clone(), get)?)?;
    let shared = environment.clone();
    let meta = move || shared.borrow().store.meta().to_string();
    host.set("storeMeta", Function::new(ctx.clone(), meta)?)?;
    Ok(host)
}

#[expect(clippy::needless_pass_by_value, reason = "QuickJS hands over owned values")]
fn encode(ctx: Ctx<'_>, bytes: Vec<u8>, encoding: String) -> Result<String> {
    Ok(match encoding.as_str() {
        "utf8" => String::from_utf8_lossy(&bytes).into_owned(),
        "utf8-strict" => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => return Err(Exception::throw_type(&ctx, "the encoded data was not valid")),
        },
        "hex" => hex::encode(bytes),
        "base64" => general_purpose::STANDARD.encode(bytes),
        "base64url" => general_purpose::URL_SAFE_NO_PAD.encode(bytes),
        unknown => return Err(unknown_encoding(&ctx, unknown)),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "QuickJS hands over owned values")]
fn decode(ctx: Ctx<'_>, text: Text, encoding: String) -> Result<TypedArray<'_, u8>> {
    let bytes = match encoding.as_str() {
        "utf8" => text.0.into_bytes(),
        "hex" => hex_prefix(&text.0),
        "base64" | "base64url" => base64_lenient(&text.0),
        "percent" => percent_decode(&text.0),
        unknown => return Err(unknown_encoding(&ctx, unknown)),
    };
    TypedArray::new(ctx, bytes)
}

#[expect(clippy::needless_pass_by_value, reason = "QuickJS hands over owned values")]
fn digest(ctx: Ctx<'_>, algorithm: String, key: Option<Vec<u8>>, data: Vec<u8>) -> Result<TypedArray<'_, u8>> {
    let data = data.as_slice();
    let bytes = match (algorithm.as_str(), key.as_deref()) {
        ("md5", None) => md5::Md5::digest(data).to_vec(),
        ("sha1", None) => sha1::Sha1::digest(data).to_vec(),
        ("sha256", None) => sha2::Sha256::digest(data).to_vec(),
        ("md5", Some(key)) => keyed_digest::<Hmac<md5::Md5>>(key, data),
        ("sha1", Some(key)) => keyed_digest::<Hmac<sha1::Sha1>>(key, data),
        ("sha256", Some(key)) => keyed_digest::<Hmac<sha2::Sha256>>(key, data),
        (unknown, _) => {
            return Err(Exception::throw_type(
                &ctx,
                &format!("not supported algorithm: \"{unknown}\""),
            ));
        }
    };
    TypedArray::new(ctx, bytes)
}

fn keyed_digest<M: hmac::Mac + hmac::digest::KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    <M as hmac::Mac>::new_from_slice(key)
        .map(|mac| mac.chain_update(data).finalize().into_bytes().to_vec())
        .unwrap_or_default() // HMAC takes keys of any length
}

fn unknown_encoding(ctx: &Ctx<'_>, encoding: &str) -> rquickjs::Error {
    Exception::throw_type(ctx, &format!("\"{encoding}\" encoding is not supported"))
}

/// As Node does: the bytes before the first character that is not a hexadecimal digit.
fn hex_prefix(text: &str) -> Vec<u8> {
    let digits = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
    hex::decode(&text[..digits - digits % 2]).unwrap_or_default()
}

/// As in njs and Node: either alphabet, with or without padding; other characters are skipped.
fn base64_lenient(text: &str) -> Vec<u8> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&alphabet::URL_SAFE, config);
    let content = text.split('=').next().unwrap_or_default();
    let mut symbols: String = content
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            other => other,
        })
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    if symbols.len() % 4 == 1 {
        symbols.pop();
    }
    engine.decode(symbols).unwrap_or_default()
}

/// Percent-decoding that keeps invalid escapes.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let (bytes, mut at, mut decoded) = (text.as_bytes(), 0, Vec::with_capacity(text.len()));
    while let Some(&byte) = bytes.get(at) {
        let escape = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        if let Some(value) = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    decoded
}

/// A JavaScript string whose lone surrogates, which `String` refuses, are replaced.
struct Text(String);

impl<'js> FromJs<'js> for Text {
    fn from_js(_ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let Some(string) = value.as_string() else {
            return Err(rquickjs::Error::new_from_js(value.type_name(), "string"));
        };
        Ok(Self(string.to_string().unwrap_or_default()))
    }
}
