//! HTTP routes, errors, OpenAPI, server-sent events.
