//! What an instance writes to its console and shows on its screen. Both may hold secrets, so that whoever only looks does not see them,
//! and that somebody did stands in the audit.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use nephoscope_model::{
    Operation, Place, Result,
    ec2::{ConsoleOutput, InstanceId},
};

use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

impl Ops {
    /// What an instance wrote to its console: as AWS took it after its last start or stop, or with `latest` now.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and those of AWS.
    pub async fn read_console(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        latest: bool,
    ) -> Result<ConsoleOutput> {
        let task = Task::new(Operation::ReadConsole).at(place).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            grant.check_covers(place)?;
            let output = self.cloud_for(caller).get_console_output(place, id, latest).await?;
            let words = format!("{} characters", output.text.chars().count());
            Ok(Done::with(output, words))
        })
        .await
    }

    /// What the screen of an instance shows now: a JPEG.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and those of AWS.
    pub async fn take_screenshot(&self, caller: &Caller, place: &Place, id: &InstanceId) -> Result<Vec<u8>> {
        let task = Task::new(Operation::TakeScreenshot).at(place).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            grant.check_covers(place)?;
            self.cloud_for(caller).get_screenshot(place, id).await
        })
        .await
    }
}

/// A picture as pages take it, inside of text.
#[must_use]
pub fn picture_text(jpeg: &[u8]) -> String {
    STANDARD.encode(jpeg)
}
