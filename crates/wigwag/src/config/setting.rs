//! The list of settings: what `--help`, the environment, the file and the documentation share.

/// One setting of `wigwag serve`.
#[derive(Debug)]
pub struct Setting {
    /// `data-dir`: the flag `--data-dir`, the member `data-dir` of the file, `WIGWAG_DATA_DIR`.
    pub name: &'static str,
    /// Placeholder of the value in help and documentation.
    pub value: &'static str,
    /// The default as it would be written; empty when there is none.
    pub default: &'static str,
    /// One or two sentences.
    pub help: &'static str,
    /// Where it may be set.
    pub from: From,
}

/// Where a setting may be set, weakest first: file, environment, flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// File, environment and flag.
    Anywhere,
    /// Flag and environment: it names the file.
    NotFile,
    /// Environment only: a secret, and flags and files are seen by too many.
    EnvironmentOnly,
}

impl Setting {
    /// `WIGWAG_DATA_DIR` for `data-dir`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("WIGWAG_{}", self.name.replace('-', "_").to_uppercase())
    }
}

/// Every setting, in the order of the help.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "config",
        value: "FILE",
        default: "",
        help: "Read settings from this TOML file. The environment overrides it, flags override both.",
        from: From::NotFile,
    },
    Setting {
        name: "listen",
        value: "ADDR",
        default: "127.0.0.1:8030",
        help: "Address and port to accept connections on. Only this machine can reach the default; \
               0.0.0.0:8030 lets everybody in. Port 0 picks a free one.",
        from: From::Anywhere,
    },
    Setting {
        name: "data-dir",
        value: "DIR",
        default: "./data",
        help: "Keep everything in an embedded SQLite database in this directory, which is made when missing.",
        from: From::Anywhere,
    },
    Setting {
        name: "database-url",
        value: "URL",
        default: "",
        help: "Keep everything in this PostgreSQL database (15 or newer) instead: postgres://user:password@host/name.",
        from: From::Anywhere,
    },
    Setting {
        name: "database-connections",
        value: "N",
        default: "16",
        help: "Most connections to PostgreSQL, 2 to 1000.",
        from: From::Anywhere,
    },
    Setting {
        name: "secret-key-file",
        value: "FILE",
        default: "",
        help: "The keys that seal stored secrets: 64 hexadecimal digits a line, the one in force first. \
               Default: secret.key in the data directory, made when missing; in PostgreSQL, a key kept there.",
        from: From::Anywhere,
    },
    Setting {
        name: "secret-key",
        value: "KEYS",
        default: "",
        help: "The same keys themselves, where there is no place for a file.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "public-url",
        value: "URL",
        default: "",
        help: "Address under which people and SDKs reach this server, for the links it writes. \
               Default: http:// and the listen address.",
        from: From::Anywhere,
    },
    Setting {
        name: "trusted-proxies",
        value: "BLOCKS",
        default: "",
        help: "Addresses and CIDR blocks, separated by commas, of the proxies in front of this server: only they are \
               believed when they say by X-Forwarded-For where a request comes from.",
        from: From::Anywhere,
    },
    Setting {
        name: "heartbeat-seconds",
        value: "N",
        default: "30",
        help: "Send a comment on idle streams this often, 1 to 240. SDKs give a silent stream up after 300.",
        from: From::Anywhere,
    },
    Setting {
        name: "shutdown-seconds",
        value: "N",
        default: "10",
        help: "How long requests may take to finish after SIGTERM or SIGINT, 0 to 600. Streams are ended at once.",
        from: From::Anywhere,
    },
    Setting {
        name: "log-format",
        value: "FORMAT",
        default: "text",
        help: "text for people or json for machines. Logs go to standard error.",
        from: From::Anywhere,
    },
    Setting {
        name: "log-level",
        value: "LEVEL",
        default: "info",
        help: "error, warn, info, debug or trace; or by module, such as info,wigwag_store=debug.",
        from: From::Anywhere,
    },
    Setting {
        name: "init-owner-email",
        value: "EMAIL",
        default: "owner@example.com",
        help: "First start only: sign-in of the owner.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "init-owner-password",
        value: "PASSWORD",
        default: "",
        help: "First start only: password of the owner. Default: generated and printed once.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "init-access-token",
        value: "TOKEN",
        default: "",
        help: "First start only: the owner's REST access token. Default: generated and printed once.",
        from: From::EnvironmentOnly,
    },
];

/// The setting of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|s| s.name == name)
}
