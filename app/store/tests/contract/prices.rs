//! The price list.

use std::sync::Arc;

use nephoscope_model::{
    Timestamp,
    ec2::{ListPrice, PriceKey},
};
use nephoscope_store::Store;

fn price(instance_type: &str, micros_per_hour: Option<i64>) -> ListPrice {
    let region = "eu-west-1".parse().expect("a region");
    let key = PriceKey { region, instance_type: instance_type.to_owned(), platform: "Linux/UNIX".to_owned() };
    ListPrice { key, micros_per_hour }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) async fn a_price_is_good_until_it_is_too_old(store: Arc<dyn Store>) {
    let (medium, unlisted) = (price("t3.medium", Some(41_600)), price("x9.huge", None));
    store.save_prices(vec![medium.clone(), unlisted.clone()], at(1_000)).await.expect("they are kept");
    let find = |price: &ListPrice, since: i64| {
        let (store, key) = (Arc::clone(&store), price.key.clone());
        async move { store.find_price(&key, at(since)).await.expect("a look") }
    };
    assert_eq!(find(&medium, 1_000).await, Some(medium.clone()));
    assert_eq!(find(&unlisted, 0).await, Some(unlisted), "that the list tells nothing is known, too");
    assert_eq!(find(&medium, 1_001).await, None);

    let windows = PriceKey { platform: "Windows".to_owned(), ..medium.key.clone() };
    assert_eq!(store.find_price(&windows, at(0)).await.expect("a look"), None);

    let dearer = ListPrice { micros_per_hour: Some(50_000), ..medium.clone() };
    store.save_prices(vec![dearer.clone()], at(2_000)).await.expect("it is kept");
    assert_eq!(find(&medium, 1_500).await, Some(dearer));
}
