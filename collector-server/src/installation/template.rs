//! The configuration that `init` writes.

use zeef_proto::policy::PolicyKey;

use super::Addresses;

pub(super) fn configuration(policy_key: &PolicyKey, names: &[String], addresses: &Addresses) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "\
# Configuration of zeef-collector. docs/config-samples/full.toml documents every key; unknown keys are refused.

# The public half of the provider's policy key. Agents pin it at installation: it cannot be changed later.
policy_key = \"{policy_key}\"

[agents]
# Where agents connect.
listen = \"{agents}\"
# DNS names and addresses by which agents reach this collector.
names = [{names}]

[web]
# Where the pages are served: on loopback, or with certificate and key, or behind a proxy (behind_proxy = true).
listen = \"{web}\"

[operations]
# /metrics, /healthz and /readyz.
listen = \"{operations}\"

[files]
database = \"data/zeef.db\"
# Keep the keys outside the backups of the database: a destroyed key must stay destroyed.
key_store = \"keys/data-keys.db\"
key_encryption_key = \"keys/key-encryption.key\"
authority = \"authority\"

[retention]
purge_interval = \"10m\"

[log]
# text or json; error, warn, info or debug.
format = \"text\"
level = \"info\"
",
        agents = addresses.agents,
        web = addresses.web,
        operations = addresses.operations,
        names = names.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn what_init_writes_is_a_configuration() {
        let addresses = Addresses::default();
        let names = ["collector.example".to_owned(), "192.0.2.1".to_owned()];
        let key = PolicyKey::from_bytes([7; 32]);
        let config = Config::parse(
            &configuration(&key, &names, &addresses),
            std::path::Path::new("/z"),
        )
        .unwrap();
        assert_eq!(config.agents.names, names);
        assert_eq!(config.agents.listen, addresses.agents);
        assert_eq!(config.policy_key, key);
    }
}
