//! The catalogue of open data: DCAT 3 with the properties DCAT-AP 3.0.1 wants, as JSON-LD.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::public::LICENCE;
use super::store::blocking;
use crate::problem::Problem;
use crate::state::App;

const FILE_TYPES: &str = "http://publications.europa.eu/resource/authority/file-type/";
const MEDIA_TYPES: &str = "https://www.iana.org/assignments/media-types/";

/// The catalogue.
#[utoipa::path(get, path = "/api/public/catalog.jsonld", tag = "public",
    responses((status = 200, content_type = "application/ld+json", body = Object)))]
pub async fn catalog(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost").to_owned();
    let body = blocking(move || {
        let snapshot = app.snapshot(None)?;
        let base = format!("http://{host}/api/public");
        let (zh, en) = &app.settings().district;
        let text = |zh: String, en: String| json!([{"@value": zh, "@language": "zh"}, {"@value": en, "@language": "en"}]);
        let publisher = json!({
            "@id": format!("{base}#publisher"), "@type": "foaf:Agent",
            "foaf:name": text(format!("{zh}数字经济产业发展领导小组办公室"), format!("{en}, office of the leading group")),
        });
        let distribution = |file: &str, code: &str, media: &str| {
            json!({
                "@id": format!("{base}/{file}#distribution"), "@type": "dcat:Distribution",
                "dct:title": file,
                "dcat:accessURL": {"@id": format!("{base}/{file}")},
                "dcat:downloadURL": {"@id": format!("{base}/{file}")},
                "dct:format": {"@id": format!("{FILE_TYPES}{code}"), "@type": "dct:MediaTypeOrExtent"},
                "dcat:mediaType": {"@id": format!("{MEDIA_TYPES}{media}"), "@type": "dct:MediaType"},
                "dct:license": {"@id": LICENCE, "@type": "dct:LicenseDocument"},
            })
        };
        let date = json!({"@type": "xsd:dateTime", "@value": snapshot.info.at});
        Ok(json!({
            "@context": {
                "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
                "foaf": "http://xmlns.com/foaf/0.1/", "xsd": "http://www.w3.org/2001/XMLSchema#",
            },
            "@id": format!("{base}/catalog.jsonld"), "@type": "dcat:Catalog",
            "dct:title": text(format!("{zh}规划开放数据"), format!("{en}: open data of the plan")),
            "dct:description": text("规划目标、基线、实际值和出处".into(), "Targets, baselines, actual values and their sources".into()),
            "dct:publisher": publisher,
            "dct:modified": date,
            "dct:license": {"@id": LICENCE, "@type": "dct:LicenseDocument"},
            "dcat:dataset": [{
                "@id": format!("{base}/indicators"), "@type": "dcat:Dataset",
                "dct:title": text(format!("{zh}数字经济规划指标"), format!("{en}: indicators of the plan for the digital economy")),
                "dct:description": text(
                    format!("{} 项指标，每个数附原句、时期、单位和记录号", snapshot.board.indicators.len()),
                    format!("{} indicators, each figure with sentence, period, unit and record", snapshot.board.indicators.len()),
                ),
                "dct:publisher": publisher,
                "dct:modified": date,
                "dcat:keyword": text("数字经济".into(), "digital economy".into()),
                "dcat:distribution": [
                    distribution("indicators.json", "JSON", "application/json"),
                    distribution("indicators.csv", "CSV", "text/csv"),
                ],
            }],
        }))
    })
    .await?;
    let mut response = serde_json::to_vec(&body).map_err(super::store::internal)?.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/ld+json"));
    Ok(response)
}
