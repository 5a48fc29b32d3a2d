//! zeef-agent: collects the documented fields of this machine, minimises them here, and sends them.
