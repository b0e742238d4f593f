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
    /// A table in the file; in the environment the same as JSON.
    Table,
}

impl From {
    /// Whether there is a flag.
    #[must_use]
    pub const fn is_flag(self) -> bool {
        matches!(self, Self::Anywhere | Self::NotFile)
    }

    /// Whether it may stand in the file.
    #[must_use]
    pub const fn is_file(self) -> bool {
        matches!(self, Self::Anywhere | Self::Table)
    }
}

impl Setting {
    /// `WIGWAG_DATA_DIR` for `data-dir`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("WIGWAG_{}", self.name.replace('-', "_").to_uppercase())
    }

    /// The variable that others use for the same, where there is one. Our own is stronger.
    #[must_use]
    pub fn common_variable(&self) -> Option<&'static str> {
        match self.name {
            "otlp-endpoint" => Some("OTEL_EXPORTER_OTLP_ENDPOINT"),
            "otlp-headers" => Some("OTEL_EXPORTER_OTLP_HEADERS"),
            "otlp-service-name" => Some("OTEL_SERVICE_NAME"),
            _ => None,
        }
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
        name: "journal-dir",
        value: "DIR",
        default: "",
        help: "Keep events here until they are recorded: a directory on a disk of this machine, of this server alone. \
               Without it, journal in the data directory, or ./data/journal with database-url.",
        from: From::Anywhere,
    },
    Setting {
        name: "journal-max-mb",
        value: "MB",
        default: "1024",
        help: "Refuse events (503) while so many megabytes of them wait to be recorded.",
        from: From::Anywhere,
    },
    Setting {
        name: "keep-contexts-days",
        value: "DAYS",
        default: "30",
        help: "Forget contexts that no event told of for so many days.",
        from: From::Anywhere,
    },
    Setting {
        name: "keep-counts-days",
        value: "DAYS",
        default: "400",
        help: "Forget how often flags were evaluated and what else is counted day by day after so many days.",
        from: From::Anywhere,
    },
    Setting {
        name: "keep-metric-events-days",
        value: "DAYS",
        default: "90",
        help: "Forget single events of metrics, which experiments are made of, after so many days.",
        from: From::Anywhere,
    },
    Setting {
        name: "database-url",
        value: "URL",
        default: "",
        help: "Keep everything in this PostgreSQL database (15 or newer) instead: postgres://user:password@host/name. \
               With ?sslmode=verify-full only encrypted, and only with the real one (docs/operate/nodes.md).",
        from: From::Anywhere,
    },
    Setting {
        name: "database-connections",
        value: "N",
        default: "16",
        help: "Most connections to PostgreSQL that read, 2 to 1000. Each server takes four more.",
        from: From::Anywhere,
    },
    Setting {
        name: "database-connect-seconds",
        value: "N",
        default: "10",
        help: "Wait so long for each host of PostgreSQL to let us in, and for a connection to be free, 1 to 300.",
        from: From::Anywhere,
    },
    Setting {
        name: "database-statement-seconds",
        value: "N",
        default: "30",
        help: "Give a statement up after so long, 0 to 3600; 0 waits for ever. A connection that does not answer two \
               seconds later is replaced.",
        from: From::Anywhere,
    },
    Setting {
        name: "replica-url",
        value: "URLS",
        default: "",
        help: "Streaming replicas of the PostgreSQL database, between spaces: requests that read are answered from \
               them while the primary is away.",
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
        name: "tls-cert",
        value: "FILE",
        default: "",
        help: "Speak TLS with this certificate (PEM, followed by those that vouch for it), HTTP/2 included. Read anew \
               when it changes and on SIGHUP; connections stay.",
        from: From::Anywhere,
    },
    Setting {
        name: "tls-key",
        value: "FILE",
        default: "",
        help: "The private key of tls-cert (PEM).",
        from: From::Anywhere,
    },
    Setting {
        name: "acme-domains",
        value: "NAMES",
        default: "",
        help: "Speak TLS with a certificate for these names (separated by commas) that is ordered by ACME and renewed by \
               itself. The authority must reach this server under them on port 443. By naming them you agree to the \
               authority's terms. For one server: several share no certificate.",
        from: From::Anywhere,
    },
    Setting {
        name: "acme-email",
        value: "ADDRESS",
        default: "",
        help: "Whom the authority may write to.",
        from: From::Anywhere,
    },
    Setting {
        name: "acme-directory",
        value: "URL",
        default: "https://acme-v02.api.letsencrypt.org/directory",
        help: "The authority to order from.",
        from: From::Anywhere,
    },
    Setting {
        name: "acme-ca",
        value: "FILE",
        default: "",
        help: "Who vouches for the authority's own address (PEM), if this machine does not know them.",
        from: From::Anywhere,
    },
    Setting {
        name: "acme-dir",
        value: "DIR",
        default: "",
        help: "Where account and certificate are kept. Default: acme in the data directory, ./data/acme on PostgreSQL.",
        from: From::Anywhere,
    },
    Setting {
        name: "public-url",
        value: "URL",
        default: "",
        help: "Address under which people and SDKs reach this server, for the links it writes. \
               Default: http:// (https:// with tls-cert or acme-domains) and the listen address.",
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
        name: "allow-private-webhooks",
        value: "BOOL",
        default: "false",
        help: "Whether webhooks and integrations may call addresses of this machine and of private networks: true or \
               false. Whoever may create one can then reach what only this server can.",
        from: From::Anywhere,
    },
    Setting {
        name: "import-max-mb",
        value: "MB",
        default: "2048",
        help: "Largest file of keys for a big segment, in megabytes, 1 to 1048576. It is read as it comes; what does not \
               fit into about 60 MB of memory is sorted in the folder of temporary files.",
        from: From::Anywhere,
    },
    Setting {
        name: "rate-limit-global",
        value: "N",
        default: "300000",
        help: "Most REST requests in 10 seconds, of all callers together; 0 is no limit. SDKs are not limited.",
        from: From::Anywhere,
    },
    Setting {
        name: "rate-limit-route",
        value: "N",
        default: "150000",
        help: "Most REST requests in 10 seconds for one operation; 0 is no limit.",
        from: From::Anywhere,
    },
    Setting {
        name: "rate-limit-address",
        value: "N",
        default: "150000",
        help: "Most REST requests and triggers in 10 seconds from one address, with or without a credential; \
               0 is no limit.",
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
        name: "otlp-endpoint",
        value: "URL",
        default: "",
        help: "Send traces to this collector by OTLP over HTTP, such as http://localhost:4318. \
               OTEL_EXPORTER_OTLP_ENDPOINT says the same.",
        from: From::Anywhere,
    },
    Setting {
        name: "otlp-headers",
        value: "FIELDS",
        default: "",
        help: "Header fields that the collector wants: name=value,name=value. OTEL_EXPORTER_OTLP_HEADERS says the same.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "otlp-service-name",
        value: "NAME",
        default: "wigwag",
        help: "What this server is called in traces. OTEL_SERVICE_NAME says the same.",
        from: From::Anywhere,
    },
    Setting {
        name: "otlp-sample-ratio",
        value: "SHARE",
        default: "1",
        help: "Share of the traces that begin here to keep, 0 to 1. Those that callers began are kept if they keep them.",
        from: From::Anywhere,
    },
    Setting {
        name: "session-idle-hours",
        value: "N",
        default: "12",
        help: "A session of a member ends when it was not used for so long, 1 to 720.",
        from: From::Anywhere,
    },
    Setting {
        name: "session-days",
        value: "N",
        default: "14",
        help: "So long after signing in, a session ends anyway, 1 to 365.",
        from: From::Anywhere,
    },
    Setting {
        name: "smtp-url",
        value: "URL",
        default: "",
        help: "Send letters through this mail server: smtps://user:password@host, or \
               smtp://user:password@host?tls=required. Without one, letters are shown in the log.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "mail-from",
        value: "ADDRESS",
        default: "Wigwag <wigwag@localhost>",
        help: "Sender of letters.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-issuer",
        value: "URL",
        default: "",
        help: "Let members sign in at this OpenID Connect provider. It sends browsers back to /login-return.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-client-id",
        value: "ID",
        default: "",
        help: "What the provider knows this server as.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-client-secret",
        value: "SECRET",
        default: "",
        help: "The secret that goes with it; none for a public client.",
        from: From::EnvironmentOnly,
    },
    Setting {
        name: "oidc-scopes",
        value: "SCOPES",
        default: "openid email profile",
        help: "What is asked of the provider, between spaces.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-group-claim",
        value: "NAME",
        default: "groups",
        help: "The claim that lists a member's groups.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-default-role",
        value: "ROLE",
        default: "",
        help: "Base role of whoever the provider knows but no group gives one: reader, writer, admin or no_access. \
               Without it they are turned away.",
        from: From::Anywhere,
    },
    Setting {
        name: "oidc-groups",
        value: "TABLE",
        default: "",
        help: "What groups of the provider mean: [oidc-groups] with lines like \
               \"Flag admins\" = { role = \"admin\", teams = [\"ops\"] }.",
        from: From::Table,
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
