//! Files: named by their digest, looked at before they are kept, pictures with a thumbnail.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use image::{ImageDecoder, ImageFormat, ImageReader};
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use utoipa::{IntoParams, ToSchema};

use crate::plan::post::Post;
use crate::plan::store::{blocking, internal};
use crate::problem::Problem;
use crate::state::App;

/// Largest file.
pub const BYTES_MAX: usize = 15 << 20;
/// Widest and highest picture.
const PIXELS_MAX: u32 = 12_000;
/// Most memory that reading a picture may take.
const MEMORY_MAX: u64 = 512 << 20;
/// Longest side of a thumbnail.
const THUMBNAIL: u32 = 360;

/// A file that is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Its digest.
    pub sha256: String,
    /// What it is.
    pub media_type: String,
    /// How large.
    pub bytes: usize,
    /// Of a picture.
    pub width: Option<u32>,
    /// Of a picture.
    pub height: Option<u32>,
    /// As it was given.
    pub name: String,
}

/// Its name.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct NameParam {
    /// File name.
    #[serde(default)]
    pub name: String,
}

/// What a file is, by its first bytes: names and headers say what they like.
fn media_type(bytes: &[u8]) -> Option<(&'static str, Option<ImageFormat>)> {
    Some(match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => ("image/jpeg", Some(ImageFormat::Jpeg)),
        Ok(ImageFormat::Png) => ("image/png", Some(ImageFormat::Png)),
        Ok(ImageFormat::WebP) => ("image/webp", Some(ImageFormat::WebP)),
        Ok(ImageFormat::Gif) => ("image/gif", Some(ImageFormat::Gif)),
        _ if bytes.starts_with(b"%PDF-") => ("application/pdf", None),
        _ => return None,
    })
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<image::DynamicImage, Problem> {
    let broken = |e: image::ImageError| {
        Problem::bad("file_broken", format!("图片不能打开。 / The picture cannot be read: {e}"))
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(PIXELS_MAX);
    limits.max_image_height = Some(PIXELS_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let turned = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = image::DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(turned);
    Ok(picture)
}

/// The picture written anew: without the place and the telephone that cameras write into it, and turned as it is meant to
/// be seen. JPEG stays JPEG; what may be transparent becomes PNG.
fn anew(picture: &image::DynamicImage, format: ImageFormat) -> Result<(Vec<u8>, &'static str), Problem> {
    let mut bytes = Vec::new();
    let opaque = matches!(format, ImageFormat::Jpeg)
        || matches!(format, ImageFormat::WebP) && !picture.color().has_alpha();
    if opaque {
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
        picture.to_rgb8().write_with_encoder(encoder).map_err(internal)?;
        return Ok((bytes, "image/jpeg"));
    }
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(internal)?;
    Ok((bytes, "image/png"))
}

fn thumbnail_of(picture: &image::DynamicImage) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let small = picture.thumbnail(THUMBNAIL, THUMBNAIL).into_rgb8();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 78);
    small.write_with_encoder(encoder).map_err(internal)?;
    Ok(bytes)
}

fn look_and_keep(app: &App, bytes: &[u8], name: String, pictures_only: bool) -> Result<Kept, Problem> {
    if bytes.is_empty() {
        return Err(Problem::bad("file_empty", "文件是空的。 / The file is empty."));
    }
    if bytes.len() > BYTES_MAX {
        let detail = format!("文件超过 {} MB。 / The file is over {} MB.", BYTES_MAX >> 20, BYTES_MAX >> 20);
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail));
    }
    let found = media_type(bytes).filter(|(_, format)| format.is_some() || !pictures_only);
    let Some((media_type, format)) = found else {
        let detail =
            "只收 JPEG、PNG、WebP、GIF 图片和 PDF。 / JPEG, PNG, WebP, GIF pictures and PDF are taken.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "file_type", detail));
    };
    let picture = format.map(|f| picture(bytes, f)).transpose()?;
    let written = match (&picture, format) {
        (Some(picture), Some(format)) => Some(anew(picture, format)?),
        _ => None,
    };
    let (bytes, media_type) =
        written.as_ref().map_or((bytes, media_type), |(bytes, kind)| (bytes.as_slice(), *kind));
    let sha256 = crate::sha256(bytes);
    app.keep_file(&sha256, bytes)?;
    if let Some(picture) = &picture {
        app.keep_file(&format!("{sha256}.thumbnail"), &thumbnail_of(picture)?)?;
    }
    Ok(Kept {
        sha256,
        media_type: media_type.to_owned(),
        bytes: bytes.len(),
        width: picture.as_ref().map(image::DynamicImage::width),
        height: picture.as_ref().map(image::DynamicImage::height),
        name: name.chars().filter(|c| !c.is_control()).take(200).collect(),
    })
}

/// Keeps a file.
pub async fn keep_bytes(app: &App, bytes: Bytes, name: String, pictures_only: bool) -> Result<Kept, Problem> {
    let app = app.clone();
    // Reading a picture takes memory: two at once.
    let turn = app.file_turns().acquire_owned().await.map_err(internal)?;
    let kept = blocking(move || {
        let kept = look_and_keep(&app, &bytes, name, pictures_only);
        drop(turn);
        kept
    });
    kept.await
}

async fn taken(app: App, name: String, bytes: Bytes, pictures_only: bool) -> Result<Response, Problem> {
    Ok((StatusCode::CREATED, Json(keep_bytes(&app, bytes, name, pictures_only).await?)).into_response())
}

/// Keeps a file; the same bytes are kept once. Pictures are written anew without their metadata (place, time, camera);
/// the digest is that of what is kept.
#[utoipa::path(post, path = "/api/files", tag = "cases", params(NameParam), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Kept), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn keep(
    State(app): State<App>,
    Query(param): Query<NameParam>,
    _post: Post,
    body: Bytes,
) -> Result<Response, Problem> {
    taken(app, param.name, body, false).await
}

/// Keeps a picture of a citizen.
#[utoipa::path(post, path = "/api/public/files", tag = "public", params(NameParam), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Kept), (status = 400, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem)))]
pub async fn keep_public(
    State(app): State<App>,
    Query(param): Query<NameParam>,
    body: Bytes,
) -> Result<Response, Problem> {
    taken(app, param.name, body, true).await
}

/// A file as it is kept.
#[utoipa::path(get, path = "/api/files/{sha256}", tag = "cases", params(("sha256" = String, Path), NameParam),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404, body = Problem)))]
pub async fn file(
    State(app): State<App>,
    Path(sha256): Path<String>,
    Query(param): Query<NameParam>,
) -> Result<Response, Problem> {
    blocking(move || {
        let bytes = app.kept_file(&sha256).ok_or_else(|| Problem::not_found("there is no such file"))?;
        let kind = media_type(&bytes).map_or("application/octet-stream", |(kind, _)| kind);
        let mut response = served(bytes, kind);
        // Shown in the page, never run: no script, no guessing of types.
        let name: String = url::form_urlencoded::byte_serialize(param.name.as_bytes()).collect();
        let disposition = format!("inline; filename*=UTF-8''{}", name.replace('+', "%20"));
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        Ok(response)
    })
    .await
}

/// A small picture of a picture.
#[utoipa::path(get, path = "/api/files/{sha256}/thumbnail", tag = "cases", params(("sha256" = String, Path)),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 404, body = Problem)))]
pub async fn thumbnail(State(app): State<App>, Path(sha256): Path<String>) -> Result<Response, Problem> {
    blocking(move || {
        let bytes = app.kept_thumbnail(&sha256);
        let bytes = bytes.ok_or_else(|| Problem::not_found("there is no picture of it"))?;
        Ok(served(bytes, "image/jpeg"))
    })
    .await
}

fn served(bytes: Vec<u8>, kind: &'static str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    response
}
