//! What an instance writes to its console, and what its screen shows. All of it is chosen by whoever runs programs there.
//! [GetConsoleOutput](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html),
//! [GetConsoleScreenshot](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleScreenshot.html)

use aws_smithy_types::base64;
use nephoscope_model::{
    Error, ErrorCode, Place, Result, Timestamp,
    ec2::{ConsoleOutput, InstanceId, readable},
};

use crate::{
    Cloud,
    calls::{GET_CONSOLE_OUTPUT, GET_CONSOLE_SCREENSHOT},
};

/// What every JPEG begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

impl Cloud {
    /// What an instance wrote to its console: as AWS took it after its last start or stop, or with `latest` now, which AWS can do of types
    /// on Nitro only.
    ///
    /// # Errors
    /// `not_found`, `aws_denied`, `aws_rejected` where it cannot be had, and those of any call.
    pub async fn get_console_output(
        &self,
        place: &Place,
        id: &InstanceId,
        latest: bool,
    ) -> Result<ConsoleOutput> {
        let site = self.site(place)?;
        let request = site.ec2().get_console_output().instance_id(id.as_str());
        let request = request.set_latest(latest.then_some(true));
        let answer = site.call(GET_CONSOLE_OUTPUT, request.send()).await?;
        let bytes = decode(answer.output.as_deref().unwrap_or_default(), "console output")?;
        Ok(ConsoleOutput {
            at: answer.timestamp.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis),
            text: readable(&String::from_utf8_lossy(&bytes)),
        })
    }

    /// What the screen of an instance shows now: a JPEG.
    ///
    /// # Errors
    /// `not_found`, `aws_denied`, `aws_rejected` where it cannot be had or is no JPEG, and those of any call.
    pub async fn get_screenshot(&self, place: &Place, id: &InstanceId) -> Result<Vec<u8>> {
        let site = self.site(place)?;
        let request = site.ec2().get_console_screenshot().instance_id(id.as_str());
        let answer = site.call(GET_CONSOLE_SCREENSHOT, request.send()).await?;
        let bytes = decode(answer.image_data.as_deref().unwrap_or_default(), "picture of the screen")?;
        // Whatever else a browser might make of it, it would not be what was asked for.
        if !bytes.starts_with(&JPEG) {
            return Err(not_understood("picture of the screen"));
        }
        Ok(bytes)
    }
}

/// Base64, which AWS breaks into lines.
fn decode(text: &str, what: &str) -> Result<Vec<u8>> {
    let joined: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64::decode(joined).map_err(|_| not_understood(what))
}

fn not_understood(what: &str) -> Error {
    Error::new(ErrorCode::AwsRejected, format!("AWS gave no {what} that could be understood."))
        .with_hint("Try again; the instance may be starting.")
}
