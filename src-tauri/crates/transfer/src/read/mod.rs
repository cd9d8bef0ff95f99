//! Reading documents that others wrote: their encoding, their records, their values.

pub mod decode;
pub mod records;
pub mod scan;
pub mod value;
