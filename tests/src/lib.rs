//! Tests of Zeef as a whole: real programs, real connections, and the rules that the repository keeps.
