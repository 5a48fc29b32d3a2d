//! The pages, asked over HTTP.
