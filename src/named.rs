//! Pure. Defines enums whose members have names, from one list each: `ALL`, `name()` and serde.

/// `named! { /// Docs. pub enum Colour { Red => "red", } }`
macro_rules! named {
    ($(#[$meta:meta])* pub enum $set:ident {
        $($(#[$doc:meta])* $member:ident => $name:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $set {
            $($(#[$doc])* #[serde(rename = $name)] $member,)+
        }

        impl $set {
            /// All members, in their order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$member),+];

            /// The name in configuration, state, history, counters and lists.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$member => $name,)+
                }
            }
        }
    };
}
