//! The kinds of document Wigwag stores.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A kind of stored document. Its text is part of the stored format.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// Every kind, in a fixed order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text under which the kind is stored.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The kind stored under `text`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

kinds! {
    /// The one account of an installation.
    Account = "account",
    /// A person who signs in. Key: the member's id.
    Member = "member",
    /// A REST access token. Key: the token's id.
    Token = "token",
    /// A named policy. Key: the role's id.
    CustomRole = "custom-role",
    /// A team of members.
    Team = "team",
    /// A message to everybody. Key: its id.
    Announcement = "announcement",
    /// An OAuth 2.0 client. Key: its client id.
    OAuthClient = "oauth-client",
    /// What a member granted to such a client. Key: its id.
    OAuthGrant = "oauth-grant",
    /// A Relay Proxy configuration. Key: its id.
    RelayConfig = "relay-config",
    /// The one list of network addresses that may use the account.
    IpAllowlist = "ip-allowlist",
    /// An HTTP callback for changes. Key: the webhook's id.
    Webhook = "webhook",
    /// A subscription of an integration to the audit log. Key: its id.
    Integration = "integration",
    /// A store elsewhere for members of big segments; scope: project and environment. Key: its id.
    PersistentStore = "persistent-store",
    /// A project.
    Project = "project",
    /// An environment; scope: its project.
    Environment = "environment",
    /// What a flag is in every environment; scope: its project.
    Flag = "flag",
    /// What a flag does in one environment; scope: project and environment.
    FlagConfig = "flag-config",
    /// A group of flags and segments; scope: its project.
    View = "view",
    /// A segment; scope: project and environment.
    Segment = "segment",
    /// A file of members for a big segment; scope: project and environment. Key: its id.
    SegmentImport = "segment-import",
    /// A list of a big segment's members to download; scope: project and environment. Key: its id.
    SegmentExport = "segment-export",
    /// A repository of code. Key: its id.
    CodeRepository = "code-repository",
    /// A branch of such a repository. Key: the repository's id and the branch's name.
    CodeBranch = "code-branch",
    /// Where a branch names a flag; scope: the flag's project. Key: the branch's id and the flag's key.
    CodeReferences = "code-references",
    /// The end of a branch's references to a flag; scope: the flag's project.
    CodeExtinction = "code-extinction",
    /// A URL that switches a flag; scope: project and environment. Key: flag and id.
    Trigger = "trigger",
    /// A reference from a flag to something elsewhere; scope: project. Key: flag and link key or id.
    FlagLink = "flag-link",
    /// A member who follows a flag; scope: project and environment. Key: flag and member's id.
    FlagFollower = "flag-follower",
    /// A kind of context; scope: its project.
    ContextKind = "context-kind",
    /// Notes on an application that SDKs report. Key: the id that they report.
    Application = "application",
}
