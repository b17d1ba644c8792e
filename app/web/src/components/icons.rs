//! Our own icons: strokes on a 24 × 24 grid, one path each, coloured by the text around them.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is drawn")]
pub enum Glyph {
    Activity,
    Alert,
    Api,
    Arrow,
    Bucket,
    Check,
    ChevronDown,
    ChevronRight,
    Clock,
    Close,
    Cloud,
    Copy,
    Dashboard,
    Download,
    External,
    Eye,
    EyeOff,
    Filter,
    Folder,
    Info,
    Lambda,
    Link,
    LogOut,
    Logs,
    Menu,
    Monitor,
    Moon,
    More,
    Pause,
    Play,
    Power,
    Refresh,
    Restart,
    Search,
    Server,
    Shield,
    SortAscending,
    SortDescending,
    Stop,
    Sun,
    Tag,
    Trash,
    Upload,
    User,
}

impl Glyph {
    /// The strokes.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Activity => "M3 12h4l3-8 4 16 3-8h4",
            Self::Alert => "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3v.2",
            Self::Api => "M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 4.5l-3 15",
            Self::Bucket => {
                "M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3zM4 6l2.200 13c.200 1.200 2.800 2 5.800 2s5.600-.8 5.800-2L20 6"
            }
            Self::Arrow => "M5 12h14M13 6l6 6-6 6",
            Self::Check => "M4.5 12.5l5 5 10-11",
            Self::ChevronDown => "M6 9l6 6 6-6",
            Self::ChevronRight => "M9 6l6 6-6 6",
            Self::Clock => "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7.5V12l3 2",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Cloud => "M7 18.5a4.5 4.5 0 01-.6-8.96 6 6 0 0111.5 1.5A3.8 3.8 0 0117.4 18.5z",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Dashboard => "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
            Self::Download => "M12 4v11M7.5 10.5L12 15l4.5-4.5M4.5 19.5h15",
            Self::External => "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
            Self::Eye => {
                "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 100 6 3 3 0 000-6z"
            }
            Self::EyeOff => {
                "M4 4l16 16M9.9 5.8A8.6 8.6 0 0112 5.5c6 0 9.5 6.5 9.5 6.5a15 15 0 01-3 3.7M6.3 7.4A15.5 15.5 0 002.5 12S6 18.5 12 18.5a8.7 8.7 0 004-1M9.9 9.9a3 3 0 004.2 4.2"
            }
            Self::Filter => "M4 5h16M7 12h10M10 19h4",
            Self::Folder => {
                "M3 6.5A1.5 1.5 0 014.5 5H9l2 2.500h8.500A1.500 1.500 0 0121 9v8.500a1.500 1.500 0 01-1.500 1.500h-15A1.500 1.500 0 013 17.500z"
            }
            Self::Info => "M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v5.5M12 7.7v.2",
            Self::Lambda => "M5 4h3.5l8 16H20M11 11L6 20",
            Self::Link => {
                "M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-5.7 0l-3 3a4 4 0 005.7 5.7l1-1"
            }
            Self::LogOut => "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
            Self::Logs => "M5 3.5h14v17H5zM8.5 8h7M8.5 12h7M8.5 16h4",
            Self::Menu => "M4 6.5h16M4 12h16M4 17.5h16",
            Self::Monitor => "M3 4.5h18v12H3zM9 20h6M12 16.5V20",
            Self::Moon => "M20 14.2A8.3 8.3 0 119.8 4a6.6 6.6 0 0010.2 10.2z",
            Self::More => {
                "M5 11.5a.5.5 0 100 1 .5.5 0 000-1zM12 11.5a.5.5 0 100 1 .5.5 0 000-1zM19 11.5a.5.5 0 100 1 .5.5 0 000-1z"
            }
            Self::Pause => "M8 5v14M16 5v14",
            Self::Play => "M7 4.5v15l12-7.5z",
            Self::Power => "M12 3v8M6.7 6.7a7.5 7.5 0 1010.6 0",
            Self::Refresh => {
                "M20 11.5A8 8 0 006.3 6.3L4 8.5M4 4v4.5h4.5M4 12.5a8 8 0 0013.7 5.2l2.3-2.2M20 20v-4.5h-4.5"
            }
            Self::Restart => "M4 12a8 8 0 108-8c-2.5 0-4.6 1-6.2 2.7L4 8.5M4 4v4.5h4.5",
            Self::Search => "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM20 20l-4.9-4.9",
            Self::Server => "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01",
            Self::Shield => "M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6zM9 12l2.2 2.2L15.2 10",
            Self::SortAscending => "M12 19V6M6.5 11L12 5.5l5.5 5.5",
            Self::SortDescending => "M12 5v13M6.5 13l5.5 5.5 5.5-5.5",
            Self::Stop => "M6 6h12v12H6z",
            Self::Sun => {
                "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Self::Tag => "M4 4h8l8.5 8.5-8 8L4 12zM8 8h.01",
            Self::Trash => "M4 6.5h16M9 6.5V4h6v2.5M6 6.5L7 20.5h10l1-14M10 10.5v6M14 10.5v6",
            Self::Upload => "M12 15V4M7.5 8.500L12 4l4.500 4.500M4.5 19.5h15",
            Self::User => "M12 4a4 4 0 100 8 4 4 0 000-8zM4.5 20.5c.5-4 3.5-6 7.5-6s7 2 7.5 6",
        }
    }
}

/// An icon beside a text that says the same; hidden from screen readers.
///
/// ```ignore
/// view! { <Icon glyph=Glyph::Server/> "EC2" }
/// ```
#[component]
pub fn Icon(
    /// What it shows.
    glyph: Glyph,
    /// More classes, such as a size.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("icon {class}") viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}

/// The mark of nephoscope: a cloud in the cross-hairs of the instrument.
#[component]
pub fn Mark(
    /// More classes, such as a size.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("mark {class}") viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <circle class="mark-ring" cx="16" cy="16" r="13"></circle>
            <path class="mark-cross" d="M16 1v5M16 26v5M1 16h5M26 16h5"></path>
            <path
                class="mark-cloud"
                d="M11.2 21a3.7 3.7 0 01-.4-7.38 5.2 5.2 0 0110-.5A3.95 3.95 0 0120.6 21z"
            ></path>
        </svg>
    }
}
