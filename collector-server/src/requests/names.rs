//! Closed lists with one name and one number for each, for the command line, columns and the ledger.

/// A name that is in no list. Says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such name; expected one of: {0}")]
pub struct UnknownName(pub(super) &'static str);

/// A list of values without content: `ALL`, `name`, `number`, `from_number` and `FromStr`.
macro_rules! named {
    ($(#[$doc:meta])* $list:ident { $($(#[$of:meta])* $one:ident = $number:literal $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list {
            $($(#[$of])* $one = $number,)+
        }

        impl $list {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$one),+];

            /// What it is called.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$one => $name,)+
                }
            }

            /// As stored.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// From what is stored.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number {
                    $($number => Some(Self::$one),)+
                    _ => None,
                }
            }
        }

        impl std::str::FromStr for $list {
            type Err = $crate::requests::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($name => Ok(Self::$one),)+
                    _ => Err($crate::requests::UnknownName(concat!($($name, " "),+).trim_ascii_end())),
                }
            }
        }
    };
}
pub(super) use named;
