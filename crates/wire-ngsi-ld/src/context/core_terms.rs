//! The terms of the NGSI-LD core `@context` V1.9 (CIM 009 annex B), as data.
//!
//! A user `@context` can never redefine one of these (§4.4, §5.5.7). Terms of older versions of the core
//! that V1.9 dropped are not here: every version a client names means this table.

use std::collections::HashMap;
use std::sync::LazyLock;

use nacre_model::Iri;

use super::Coercion;

/// The core `@context` a broker of this version names.
pub const CORE_URL: &str = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld";
/// The vocabulary of terms that no `@context` defines.
pub const DEFAULT_VOCABULARY: &str = "https://uri.etsi.org/ngsi-ld/default-context/";
/// What `ngsi-ld:` stands for.
pub const NGSI_LD: &str = "https://uri.etsi.org/ngsi-ld/";
/// What `geojson:` stands for.
pub const GEOJSON: &str = "https://purl.org/geojson/vocab#";

/// True for every published URL of the core `@context`: http or https, with a version from 1.0 to 1.9 or
/// without one.
pub fn is_core_url(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix("uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context") else { return false };
    let Some(version) = rest.strip_suffix(".jsonld") else { return false };
    match version.strip_prefix("-v1.").map(str::as_bytes) {
        None => version.is_empty(),
        Some([minor] | [minor, b'.', _]) => minor.is_ascii_digit(),
        Some(_) => false,
    }
}

/// One core term.
#[derive(Debug)]
pub(super) struct CoreTerm {
    pub(super) iri: Iri,
    pub(super) coercion: Option<Coercion>,
}

/// The table both ways.
pub(super) struct Core {
    pub(super) terms: HashMap<&'static str, CoreTerm>,
    pub(super) names: HashMap<&'static str, &'static str>,
}

/// The one table of the process.
pub(super) fn core() -> &'static Core {
    static CORE: LazyLock<Core> = LazyLock::new(build);
    &CORE
}

fn build() -> Core {
    let mut core = Core { terms: HashMap::new(), names: HashMap::new() };
    let same: [(&[&'static str], Option<Coercion>); 6] = [
        (PLAIN, None),
        (VOCABS, Some(Coercion::Vocab)),
        (LISTS, Some(Coercion::List)),
        (JSONS, Some(Coercion::Json)),
        (TIMES, Some(Coercion::DateTime)),
        (IDS, Some(Coercion::Id)),
    ];
    for (names, coercion) in same {
        for name in names {
            core.add(name, format!("{NGSI_LD}{name}"), coercion);
        }
    }
    for (name, iri, coercion) in RENAMED {
        let full = match iri.split_once(':') {
            Some(("ngsi-ld", rest)) => format!("{NGSI_LD}{rest}"),
            Some(("geojson", rest)) => format!("{GEOJSON}{rest}"),
            _ => (*iri).to_owned(),
        };
        core.add(name, full, *coercion);
    }
    core
}

impl Core {
    fn add(&mut self, name: &'static str, iri: String, coercion: Option<Coercion>) {
        // Leaked once for the life of the process: the table is built a single time.
        let key: &'static str = Box::leak(iri.clone().into_boxed_str());
        self.names.insert(key, name);
        self.terms.insert(name, CoreTerm { iri: Iri::trusted(&iri), coercion });
    }
}

/// What a prefix of the core stands for.
pub(super) fn prefix(name: &str) -> Option<&'static str> {
    match name {
        "ngsi-ld" => Some(NGSI_LD),
        "geojson" => Some(GEOJSON),
        _ => None,
    }
}

/// True for every name a user `@context` may not define: terms, prefixes and aliases of the core.
pub(super) fn is_core_name(name: &str) -> bool {
    matches!(name, "id" | "type" | "ngsi-ld" | "geojson") || core().terms.contains_key(name)
}

/// Terms whose IRI is `ngsi-ld:` and their name.
const PLAIN: &[&str] = &[
    "accept",
    "aggrMethods",
    "aggrParams",
    "aggrPeriodDuration",
    "Attribute",
    "attributeCount",
    "attributeDetails",
    "AttributeList",
    "attrs",
    "cacheDuration",
    "collation",
    "contextSourceAlias",
    "ContextSourceIdentity",
    "contextSourceInfo",
    "ContextSourceNotification",
    "ContextSourceRegistration",
    "contextSourceUptime",
    "cooldown",
    "csf",
    "data",
    "Date",
    "DateTime",
    "detail",
    "endpoint",
    "entities",
    "entity",
    "entityCount",
    "EntityMap",
    "EntityType",
    "EntityTypeInfo",
    "EntityTypeList",
    "error",
    "errors",
    "ExecutionResultDetails",
    "expandValues",
    "format",
    "GeoProperty",
    "geoproperty",
    "geoQ",
    "georel",
    "idPattern",
    "information",
    "isActive",
    "join",
    "jsonKeys",
    "jsonldContext",
    "JsonProperty",
    "lang",
    "LanguageProperty",
    "lastN",
    "linkedMaps",
    "ListProperty",
    "ListRelationship",
    "localOnly",
    "location",
    "management",
    "managementInterval",
    "mode",
    "ngsildConformance",
    "ngsildproof",
    "Notification",
    "notification",
    "notificationTrigger",
    "notifierInfo",
    "notUpdated",
    "observationInterval",
    "observationSpace",
    "omit",
    "operations",
    "operationSpace",
    "ordering",
    "pick",
    "Property",
    "q",
    "reason",
    "receiverInfo",
    "refreshRate",
    "registrationId",
    "registrationName",
    "Relationship",
    "resultStatus",
    "scope",
    "scopeQ",
    "showChanges",
    "Snapshot",
    "snapshotId",
    "snapshotLifetime",
    "SnapshotNotification",
    "snapshotPriority",
    "snapshotStatus",
    "status",
    "Subscription",
    "subscriptionName",
    "sysAttrs",
    "TemporalProperty",
    "temporalQ",
    "throttling",
    "Time",
    "timeInterval",
    "timeout",
    "timeproperty",
    "timerel",
    "timesFailed",
    "timesSent",
    "triggerReason",
    "unchanged",
    "unitCode",
    "updated",
    "uri",
    "VocabProperty",
];

const VOCABS: &[&str] = &[
    "attributeList",
    "attributeName",
    "attributeNames",
    "attributes",
    "attributeTypes",
    "propertyNames",
    "relationshipNames",
    "typeList",
    "typeName",
    "typeNames",
    "watchedAttributes",
];

const LISTS: &[&str] = &[
    "avg",
    "distinctCount",
    "entityList",
    "jsons",
    "max",
    "min",
    "orderBy",
    "snapshotQueries",
    "snapshotQueriesDetails",
    "snapshotTemporalQueries",
    "snapshotTemporalQueriesDetails",
    "stddev",
    "sum",
    "sumsq",
    "totalCount",
];

const JSONS: &[&str] = &["contextSourceExtras", "problemDetails"];

const TIMES: &[&str] = &[
    "contextSourceTimeAt",
    "createdAt",
    "deletedAt",
    "endAt",
    "endTimeAt",
    "expiresAt",
    "lastFailure",
    "lastNotification",
    "lastSuccess",
    "lastUsedAt",
    "modifiedAt",
    "notifiedAt",
    "observedAt",
    "startAt",
    "timeAt",
];

const IDS: &[&str] = &["datasetId", "entityId", "instanceId", "subscriptionId", "success", "tenant"];

/// Terms whose IRI has another name.
const RENAMED: &[(&str, &str, Option<Coercion>)] = &[
    ("Feature", "geojson:Feature", None),
    ("FeatureCollection", "geojson:FeatureCollection", None),
    ("GeometryCollection", "geojson:GeometryCollection", None),
    ("LineString", "geojson:LineString", None),
    ("MultiLineString", "geojson:MultiLineString", None),
    ("MultiPoint", "geojson:MultiPoint", None),
    ("MultiPolygon", "geojson:MultiPolygon", None),
    ("Point", "geojson:Point", None),
    ("Polygon", "geojson:Polygon", None),
    ("bbox", "geojson:bbox", Some(Coercion::List)),
    ("containedBy", "ngsi-ld:isContainedBy", None),
    ("coordinates", "geojson:coordinates", Some(Coercion::List)),
    ("dataset", "ngsi-ld:hasDataset", Some(Coercion::Index)),
    ("description", "http://purl.org/dc/terms/description", None),
    ("entityMap", "ngsi-ld:hasEntityMap", Some(Coercion::Index)),
    ("entityMapLifetime", "ngsi-ld:hasEntityMapLifetime", None),
    ("features", "geojson:features", Some(Coercion::Set)),
    ("geometry", "geojson:geometry", None),
    ("joinLevel", "ngsi-ld:hasJoinLevel", None),
    ("json", "ngsi-ld:hasJSON", Some(Coercion::Json)),
    ("key", "ngsi-ld:hasKey", None),
    ("languageMap", "ngsi-ld:hasLanguageMap", Some(Coercion::Language)),
    ("languageMaps", "ngsi-ld:hasLanguageMaps", Some(Coercion::List)),
    ("langString", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString", None),
    ("object", "ngsi-ld:hasObject", Some(Coercion::Id)),
    ("objectList", "ngsi-ld:hasObjectList", Some(Coercion::List)),
    ("objectLists", "ngsi-ld:hasObjectLists", Some(Coercion::List)),
    ("objects", "ngsi-ld:hasObjects", Some(Coercion::List)),
    ("objectType", "ngsi-ld:hasObjectType", Some(Coercion::Vocab)),
    ("previousJson", "ngsi-ld:hasPreviousJson", Some(Coercion::Json)),
    ("previousLanguageMap", "ngsi-ld:hasPreviousLanguageMap", Some(Coercion::Language)),
    ("previousObject", "ngsi-ld:hasPreviousObject", Some(Coercion::Id)),
    ("previousObjectList", "ngsi-ld:hasPreviousObjectList", Some(Coercion::List)),
    ("previousValue", "ngsi-ld:hasPreviousValue", None),
    ("previousValueList", "ngsi-ld:hasPreviousValueList", Some(Coercion::List)),
    ("previousVocab", "ngsi-ld:hasPreviousVocab", Some(Coercion::Vocab)),
    ("properties", "geojson:properties", None),
    ("splitEntities", "ngsi-ld:hasSplitEntities", None),
    ("title", "http://purl.org/dc/terms/title", None),
    ("value", "ngsi-ld:hasValue", None),
    ("valueList", "ngsi-ld:hasValueList", Some(Coercion::List)),
    ("valueLists", "ngsi-ld:hasValueLists", Some(Coercion::List)),
    ("values", "ngsi-ld:hasValues", Some(Coercion::List)),
    ("valueType", "ngsi-ld:hasValueType", Some(Coercion::Vocab)),
    ("vocab", "ngsi-ld:hasVocab", Some(Coercion::Vocab)),
    ("vocabs", "ngsi-ld:hasVocabs", Some(Coercion::List)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_urls() {
        for minor in 0..=9 {
            for scheme in ["http", "https"] {
                let url =
                    format!("{scheme}://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.{minor}.jsonld");
                assert!(is_core_url(&url), "{url}");
            }
        }
        assert!(is_core_url("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld"));
        for other in [
            "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v2.0.jsonld",
            "https://example.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
            "ftp://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
            "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.x.jsonld",
        ] {
            assert!(!is_core_url(other), "{other}");
        }
    }

    #[test]
    fn table_is_one_to_one() {
        let core = core();
        assert_eq!(core.terms.len(), core.names.len());
        assert_eq!(core.terms["value"].iri.as_str(), "https://uri.etsi.org/ngsi-ld/hasValue");
        assert_eq!(core.terms["description"].iri.as_str(), "http://purl.org/dc/terms/description");
        assert_eq!(core.terms["Point"].iri.as_str(), "https://purl.org/geojson/vocab#Point");
        assert_eq!(core.terms["observedAt"].coercion, Some(Coercion::DateTime));
        assert_eq!(core.names["https://uri.etsi.org/ngsi-ld/location"], "location");
    }
}
