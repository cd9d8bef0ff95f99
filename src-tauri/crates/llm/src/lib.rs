//! Client of OpenAI-compatible model servers: stream decoding, error categories, endpoint health.
