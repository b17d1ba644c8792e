//! What a function writes to its log: its recent errors, and the lines of one invocation.

use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result, Timestamp,
    lambda::{FunctionName, InvocationLog, RequestId},
    logs::{LogRow, LogTail},
};

use crate::{
    Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// Lines of errors that are given, the newest.
const MOST_ERRORS: usize = 100;
/// Lines of errors that are looked through in a log group to which other functions may write, too.
const MOST_ERRORS_OF_ALL: usize = 1_000;
/// Lines of one invocation.
const MOST_LINES: usize = 1_000;
/// Lines that name one invocation.
const MOST_MENTIONS: usize = 200;
const HOUR_MILLIS: i64 = 3_600_000;
/// How far back is looked: a week, in hours.
const MOST_HOURS: u32 = 168;

/// Any of these words makes a line an error: of runtimes, of Lambda itself when it ends an invocation, and of loggers.
const ERROR_PATTERN: &str =
    r#"?ERROR ?Error ?error ?Exception ?exception ?Traceback ?FATAL ?fatal ?"Task timed out""#;

impl Ops {
    /// The newest lines of a function's log that tell of an error, of the last hours, oldest first. Of a log group that several functions
    /// share, only its own.
    ///
    /// # Errors
    /// `invalid_input` for more than a week, `not_found` for the function, and those of AWS. A function that never wrote has no errors.
    pub async fn function_errors(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        hours: u32,
    ) -> Result<Vec<LogRow>> {
        let task = Task::new(Operation::ReadFunctionErrors).at(place).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            let from = beginning(hours)?;
            let tail = self.log_of(caller, place, name).await?;
            let cloud = self.cloud_for(caller);
            let is_own = tail.group == format!("/aws/lambda/{name}");
            let most = if is_own { MOST_ERRORS } else { MOST_ERRORS_OF_ALL };
            let ask = cloud.find_log_rows(&tail, ERROR_PATTERN, from, most);
            let key = (tail.clone(), hours);
            let rows = self.caches().function_errors.get(key, false, ask).await;
            let mut rows = unless_missing(rows.map(|known| known.value.to_vec()))?;
            // What is known of a group is known for all functions that write to it.
            rows.retain(|row| is_written_by(name, &row.log_stream_name, is_own));
            rows.drain(..rows.len().saturating_sub(MOST_ERRORS));
            let words = format!("{} lines", rows.len());
            Ok(Done::with(rows, words))
        })
        .await
    }

    /// What one invocation wrote to its log, as far as CloudWatch has it. Lines of a program need not name the invocation: an environment
    /// has one at a time and writes to a stream of its own, so they are those between the first and the last that do.
    ///
    /// # Errors
    /// `invalid_input` for more than a week, `not_found` for the function, and those of AWS.
    pub async fn invocation_log(
        &self,
        caller: &Caller,
        place: &Place,
        name: &FunctionName,
        request: &RequestId,
        hours: u32,
    ) -> Result<InvocationLog> {
        let task = Task::new(Operation::ReadInvocationLog).at(place).on(name.as_str());
        let task = task.detail(request.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            let from = beginning(hours)?;
            let tail = self.log_of(caller, place, name).await?;
            let cloud = self.cloud_for(caller);
            let mut log =
                InvocationLog { group: tail.group.clone(), stream: None, complete: false, rows: Vec::new() };
            let pattern = format!("\"{request}\"");
            let named = cloud.find_log_rows(&tail, &pattern, from, MOST_MENTIONS).await;
            let named = unless_missing(named)?;
            if let Some(first) = named.first() {
                let stream = first.log_stream_name.clone();
                let tail = LogTail::new(place.clone(), &tail.group, vec![stream.clone()])?;
                let page = cloud.filter_log_events(&tail, first.timestamp, MOST_LINES).await?;
                log.stream = Some(stream);
                log.take(page.rows, request);
            }
            let words = format!("{} lines", log.rows.len());
            Ok(Done::with(log, words))
        })
        .await
    }

    /// The log that a function writes to.
    async fn log_of(&self, caller: &Caller, place: &Place, name: &FunctionName) -> Result<LogTail> {
        let details = self.cloud_for(caller).find_function(place, name).await?;
        LogTail::new(place.clone(), &details.log_group, Vec::new())
    }
}

fn beginning(hours: u32) -> Result<Timestamp> {
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(Error::invalid("Logs are looked through for 1 to 168 hours."));
    }
    Ok(Timestamp::now().plus_millis(-i64::from(hours) * HOUR_MILLIS))
}

/// Whether a stream is a function's, in a group of its own or in another one. Lambda calls streams `2026/11/30/[$LATEST]0123…`, and in a
/// group that was chosen `2026/11/30/order-processor[$LATEST]0123…`
/// ([log groups](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html)).
fn is_written_by(name: &FunctionName, stream: &str, is_own_group: bool) -> bool {
    let last = stream.rsplit('/').next().unwrap_or_default();
    match last.split_once('[') {
        None | Some(("", _)) => is_own_group,
        Some((writer, _)) => writer == name.as_str(),
    }
}

/// Lambda makes the group when the function writes for the first time.
fn unless_missing(rows: Result<Vec<LogRow>>) -> Result<Vec<LogRow>> {
    match rows {
        Err(error) if error.code == ErrorCode::NotFound => Ok(Vec::new()),
        rows => rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_says_whose_it_is_where_several_functions_write() {
        let name: FunctionName = "orders".parse().expect("a name");
        let date = "2026/11/30/";
        for (stream, in_own, in_shared) in [
            ("[$LATEST]0123", true, false),
            ("orders[$LATEST]0123", true, true),
            ("orders[7]0123", true, true),
            ("more-orders[$LATEST]0123", false, false),
            ("orders-2[$LATEST]0123", false, false),
            ("written by hand", true, false),
        ] {
            let stream = format!("{date}{stream}");
            assert_eq!(is_written_by(&name, &stream, true), in_own, "{stream}");
            assert_eq!(is_written_by(&name, &stream, false), in_shared, "{stream}");
        }
    }
}
