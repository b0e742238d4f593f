//! The resource kit: operations, decoding, pages, filters, links, patches, access, versions, errors, OpenAPI.
