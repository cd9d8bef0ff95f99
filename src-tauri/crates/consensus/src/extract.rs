//! What a model's answer says, in a form that can be compared.
