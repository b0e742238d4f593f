//! The five dated API versions (behaviour.md 8).

/// A dated version of the API. Later ones compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiVersion {
    /// 2016-04-26.
    V20160426,
    /// 2019-12-12.
    V20191212,
    /// 2021-07-29.
    V20210729,
    /// 2022-06-03.
    V20220603,
    /// 2024-04-15.
    V20240415,
}

impl ApiVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [Self::V20160426, Self::V20191212, Self::V20210729, Self::V20220603, Self::V20240415];
    /// The newest.
    pub const NEWEST: Self = Self::V20240415;

    /// As `yyyymmdd`.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::V20160426 => 20_160_426,
            Self::V20191212 => 20_191_212,
            Self::V20210729 => 20_210_729,
            Self::V20220603 => 20_220_603,
            Self::V20240415 => 20_240_415,
        }
    }

    /// The version written as `number`.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.number() == number)
    }
}
