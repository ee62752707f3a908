//! The header `Server-Timing`, which SERVER_TIMING switches on.

use std::sync::Arc;

use local::stack::StackOptions;
use testing::{Answer, Service, path_of, service};

/// The metrics of the header: name and parameter.
#[track_caller]
fn metrics(answer: &Answer) -> Vec<(String, String)> {
    let header = answer.header("server-timing").expect("it is there");
    let metrics = header.split(", ").map(|metric| {
        let (name, parameter) = metric.split_once(';').expect("each has one parameter");
        (name.to_owned(), parameter.to_owned())
    });
    metrics.collect()
}

fn milliseconds(parameter: &str) -> f64 {
    let number = parameter.strip_prefix("dur=").expect("it is a duration");
    number.parse().expect("it is a number")
}

#[tokio::test]
async fn an_answer_says_where_its_time_went() {
    let mut service = Service::start(&StackOptions::default());
    service.set("SERVER_TIMING", "on");
    let service = Arc::new(service);
    let user = service.new_user().await;
    let path = path_of(&user.create("Timed").await);

    let (first, second) = (user.get(&path).await, user.get(&path).await);

    for (answer, start) in [(&first, "cold"), (&second, "warm")] {
        let metrics = metrics(answer);
        let names: Vec<&str> = metrics.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["db", "trips", "total", "start"]);
        assert_eq!(metrics[3].1, format!("desc=\"{start}\""));
        let (database, total) = (milliseconds(&metrics[0].1), milliseconds(&metrics[2].1));
        assert!(0.0 < database && database < total, "{metrics:?}");
    }
    assert_eq!(metrics(&second)[1].1, "desc=\"1\"");
    let refused = user.get("/api/v1/tasks/x").await;
    refused.expect_problem(400, "bad-request");
    assert_eq!(metrics(&refused)[1].1, "desc=\"0\"");
}

#[tokio::test]
async fn nobody_is_told_who_did_not_ask() {
    let answer = service().get("/health/ready").send().await;
    answer.expect(200);
    assert_eq!(answer.header("server-timing"), None);
}
