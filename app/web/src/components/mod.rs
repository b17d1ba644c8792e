//! The parts that every page is made of. A page composes these and adds no look of its own; `style/main.css` holds the
//! few shared classes (`panel`, `data-table`, `toolbar`, …) that are more than one utility.

pub mod account_tag;
pub mod badge;
pub mod button;
pub mod clock;
pub mod copy;
pub mod dialog;
pub mod dynamic;
pub mod empty_state;
pub mod error_notice;
pub mod freshness;
pub mod icons;
pub mod key_value;
pub mod layout;
pub mod live_dot;
pub mod menu;
pub mod page_header;
pub mod panel;
pub mod query_form;
pub mod sources;
pub mod stat_tile;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod toasts;

pub use account_tag::{AccountTag, PlaceTag};
pub use badge::{Badge, StateBadge, Tone};
pub use button::ActionButton;
pub use copy::CopyButton;
pub use dialog::ConfirmDialog;
pub use dynamic::{Dynamic, FutureView, dynamic, flag, nothing, text, wait_for};
pub use empty_state::EmptyState;
pub use error_notice::ErrorNotice;
pub use freshness::Freshness;
pub use icons::{Glyph, Icon};
pub use key_value::{KeyValue, KeyValueList};
pub use live_dot::LiveDot;
pub use menu::Menu;
pub use page_header::PageHeader;
pub use panel::{Loading, Panel};
pub use query_form::QueryForm;
pub use sources::SourceFailures;
pub use stat_tile::StatTile;
pub use tabs::{Segmented, TabLink, Tabs};
pub use time::{Ago, Time};
pub use toasts::{ToastRegion, Toasts, use_toasts};
