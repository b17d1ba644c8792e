//! The document and its routes.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, LazyRoute, ParamSegment, SsrMode, StaticSegment,
    components::{Outlet, ParentRoute, Redirect, Route, Router, Routes},
    lazy_route,
};

use crate::{
    components::{ToastRegion, clock, layout::Frame, toasts},
    live, pages,
    session::provide_session,
};

/// The document around the app, with the theme that the request asks for, so that nothing flashes.
#[cfg(feature = "ssr")]
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    use leptos::nonce::use_nonce;
    use leptos_meta::{HashedStylesheet, MetaTags};

    use crate::hydration::REMEMBER_CLICKS;

    let theme = crate::components::theme::Theme::of_request();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <meta name="referrer" content="same-origin"/>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link
                    rel="preload"
                    r#as="font"
                    type="font/woff2"
                    href="/fonts/inter-latin-wght-5.3.0.woff2"
                    crossorigin="anonymous"
                />
                <HashedStylesheet options=options.clone() id="leptos"/>
                <noscript>
                    <style>".needs-js{display:none!important}"</style>
                </noscript>
                <script nonce=use_nonce()>{REMEMBER_CLICKS}</script>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The app: what the server renders and the browser hydrates.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_session();
    clock::provide_clock();
    toasts::provide_toasts();
    live::provide_live();
    let (routing, set_routing) = signal(false);

    view! {
        <Title formatter=document_title/>
        {move || {
            routing.get().then(|| view! { <div class="routing" role="progressbar" aria-label="Loading the page"></div> })
        }}
        <Router set_is_routing=set_routing>
            <Routes fallback=|| {
                view! {
                    <Frame>
                        <pages::NotFoundPage/>
                    </Frame>
                }
            }>
                <Route path=StaticSegment("") view=|| view! { <Redirect path="/dashboard"/> } ssr=SsrMode::Async/>
                <Route path=StaticSegment("login") view=pages::LoginPage ssr=SsrMode::Async/>
                <ParentRoute path=StaticSegment("") view=Layout ssr=SsrMode::Async>
                    <Route path=StaticSegment("dashboard") view={Lazy::<Dashboard>::new()} ssr=SsrMode::Async/>
                    <Route path=StaticSegment("ec2") view={Lazy::<Instances>::new()} ssr=SsrMode::Async/>
                    // One type of view for all four, which tells them by their paths: each type costs what all pages load.
                    <Route
                        path=(StaticSegment("ec2"), StaticSegment("volumes"))
                        view={Lazy::<Ec2Resources>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("ec2"), StaticSegment("snapshots"))
                        view={Lazy::<Ec2Resources>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("ec2"), StaticSegment("addresses"))
                        view={Lazy::<Ec2Resources>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("ec2"), StaticSegment("security-groups"))
                        view={Lazy::<Ec2Resources>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("ec2"), StaticSegment("launch"))
                        view={Lazy::<Launch>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("ec2"), ParamSegment("id"))
                        view={Lazy::<Instance>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=StaticSegment("lambda") view={Lazy::<Functions>::new()} ssr=SsrMode::Async/>
                    <Route
                        path=(StaticSegment("lambda"), ParamSegment("name"))
                        view={Lazy::<Function>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=StaticSegment("s3") view={Lazy::<Buckets>::new()} ssr=SsrMode::Async/>
                    <Route
                        path=(StaticSegment("s3"), ParamSegment("name"))
                        view={Lazy::<BucketOf>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=StaticSegment("logs") view={Lazy::<Logs>::new()} ssr=SsrMode::Async/>
                    <Route path=StaticSegment("activity") view={Lazy::<Activity>::new()} ssr=SsrMode::Async/>
                    <Route
                        path=(StaticSegment("activity"), StaticSegment("usage"))
                        view={Lazy::<Usage>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route path=StaticSegment("api-docs") view={Lazy::<ApiDocs>::new()} ssr=SsrMode::Async/>
                    <Route
                        path=(StaticSegment("settings"), StaticSegment("people"))
                        view={Lazy::<People>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("settings"), StaticSegment("people"), ParamSegment("name"))
                        view={Lazy::<Person>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("settings"), StaticSegment("accounts"))
                        view={Lazy::<Accounts>::new()}
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=(StaticSegment("settings"), StaticSegment("me"))
                        view={Lazy::<Me>::new()}
                        ssr=SsrMode::Async
                    />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}

/// The document's title. `leptos_meta` writes it into the HTML as it is, and a page may be called after something in AWS, so on the
/// server it is escaped here; in the browser it is set as text.
fn document_title(title: String) -> String {
    if title.is_empty() {
        return "nephoscope".to_owned();
    }
    let title = if cfg!(feature = "ssr") { title.replace('&', "&amp;").replace('<', "&lt;") } else { title };
    format!("{title} · nephoscope")
}

/// Makes a page a WASM file of its own, which the browser fetches when the page is first opened: what all pages share is small that way.
macro_rules! lazy_page {
    ($name:ident, $page:path) => {
        struct $name;

        #[lazy_route]
        impl LazyRoute for $name {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                $page().into_any()
            }
        }
    };
}

lazy_page!(Dashboard, pages::DashboardPage);
lazy_page!(Instances, pages::ec2::InstancesPage);
lazy_page!(Instance, pages::ec2::InstancePage);
lazy_page!(Logs, pages::logs::LogsPage);

/// The pages that are opened now and then.
#[derive(Clone, Copy)]
enum Seldom {
    Ec2Resources,
    Launch,
    Buckets,
    BucketOf,
    Functions,
    Function,
    Activity,
    Usage,
    ApiDocs,
    People,
    Person,
    Me,
    Accounts,
}

/// They share one WASM file. What some lazy files share and others do not becomes a file of its own for each such set, so with every
/// further one the pages that are opened daily would fall into more and smaller pieces.
#[lazy]
fn seldom_page(page: Seldom) -> AnyView {
    match page {
        Seldom::Ec2Resources => pages::ec2::ResourcesPage().into_any(),
        Seldom::Launch => pages::ec2::LaunchPage().into_any(),
        Seldom::Buckets => pages::s3::BucketsPage().into_any(),
        Seldom::BucketOf => pages::s3::BucketPage().into_any(),
        Seldom::Functions => pages::lambda::FunctionsPage().into_any(),
        Seldom::Function => pages::lambda::FunctionPage().into_any(),
        Seldom::Activity => pages::ActivityPage().into_any(),
        Seldom::Usage => pages::UsagePage().into_any(),
        Seldom::ApiDocs => pages::ApiDocsPage().into_any(),
        Seldom::People => pages::settings::PeoplePage().into_any(),
        Seldom::Person => pages::settings::PersonPage().into_any(),
        Seldom::Me => pages::settings::MePage().into_any(),
        Seldom::Accounts => pages::settings::AccountsPage().into_any(),
    }
}

/// Makes a page a part of that file.
macro_rules! seldom_page {
    ($($name:ident),+) => {
        $(
            struct $name;

            impl LazyRoute for $name {
                fn data() -> Self {
                    Self
                }

                async fn view(_this: Self) -> AnyView {
                    seldom_page(Seldom::$name).await
                }

                async fn preload() {
                    #[cfg(target_arch = "wasm32")]
                    __preload_seldom_page().await;
                }
            }
        )+
    };
}

seldom_page!(
    Ec2Resources,
    Launch,
    Buckets,
    BucketOf,
    Functions,
    Function,
    Activity,
    Usage,
    ApiDocs,
    People,
    Person,
    Me,
    Accounts
);

/// The frame around every page of somebody who is logged in.
#[component]
fn Layout() -> impl IntoView {
    view! {
        <Frame>
            <Outlet/>
        </Frame>
    }
}
