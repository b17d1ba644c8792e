//! MongoDB forgets ended sessions by itself.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use nephoscope_store::{Client, RefreshToken};
use tokio::time::{interval, timeout};

use crate::{
    fixtures::{SECOND, add_user, begin_session, now, token_of},
    home::{Home, visit},
};

/// MongoDB looks once a minute; `scripts/with-mongod` lets it look every second.
const PATIENCE: Duration = Duration::from_secs(150);

#[tokio::test]
async fn mongodb_removes_expired_tokens_and_sessions() {
    visit(Home::on_mongodb(), |home| async move {
        let store = home.open().await;
        let ada = add_user(&*store, "ada").await;
        let living = begin_session(&*store, &ada).await;
        let expired = RefreshToken { expires_at: now().plus_millis(-SECOND), ..token_of(&ada) };
        store.begin_session(expired, Client::default()).await.expect("a new session");

        let Home::Mongo { uri, database } = &*home else { unreachable!() };
        let database = mongodb::Client::with_uri_str(uri).await.expect("a client").database(database);
        for (collection, left) in [("tokens", living.hash), ("sessions", living.session_id)] {
            let documents = database.collection::<Document>(collection);
            let mut next_look = interval(Duration::from_millis(50));
            let until_one_is_left = async {
                while documents.count_documents(doc! {}).await.expect("a count") > 1 {
                    next_look.tick().await;
                }
            };
            timeout(PATIENCE, until_one_is_left).await.expect("MongoDB removes what has expired");
            let found = documents.find_one(doc! {}).await.expect("an answer").expect("the living one");
            assert_eq!(found.get_str("_id").ok(), Some(left.as_str()));
        }
    })
    .await;
}
