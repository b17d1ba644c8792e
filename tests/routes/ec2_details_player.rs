//! What the small EC2 of the [`crate::world`] says of single instances: protection, types, checks and the console.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use nephoscope_model::ec2::{Instance, InstanceState};

/// What is behind a picture's first bytes is of no interest.
const JPEG: &str = "/9j/4AAQSkZJRg==";
/// `boot\x1b[0m <b>ok</b>\r\n\x07`
const OUTPUT: &str = "Ym9vdBtbMG0gPGI+b2s8L2I+DQoH";

/// Which instances are protected.
#[derive(Default)]
pub(crate) struct Memory {
    protected: Mutex<BTreeSet<String>>,
}

impl Memory {
    /// The answer, if it is a question of this kind.
    pub(crate) fn play(
        &self,
        instances: &mut [Instance],
        request: &ReplayRequest,
        denied: bool,
    ) -> Option<ReplayResponse> {
        let operation = request.operation();
        match operation {
            "DescribeInstanceTypes" => return Some(types(request)),
            "DescribeInstanceStatus" => return Some(status(instances, request)),
            "DescribeInstanceAttribute"
            | "ModifyInstanceAttribute"
            | "GetConsoleOutput"
            | "GetConsoleScreenshot" => {}
            // A dry run says nothing of protection.
            "TerminateInstances" if request.form("DryRun").is_none() => {
                let id = request.form("InstanceId.1").unwrap_or_default();
                return self.protects(&id).then(|| {
                    wire::ec2_error(400, "OperationNotPermitted", "Modify its 'disableApiTermination'")
                });
            }
            _ => return None,
        }
        let id = request.form("InstanceId").unwrap_or_default();
        let Some(instance) = instances.iter_mut().find(|instance| instance.id.as_str() == id) else {
            return Some(wire::ec2_error(
                400,
                "InvalidInstanceID.NotFound",
                "The instance ID does not exist",
            ));
        };
        let changes = operation == "ModifyInstanceAttribute";
        if denied && (changes || operation.starts_with("Get")) {
            return Some(wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized"));
        }
        if request.form("DryRun").as_deref() == Some("true") {
            return Some(wire::ec2_error(412, "DryRunOperation", "Request would have succeeded"));
        }
        Some(match operation {
            "GetConsoleOutput" => told(
                operation,
                &format!("<timestamp>2026-11-20T11:44:08.000Z</timestamp><output>{OUTPUT}\n</output>"),
            ),
            "GetConsoleScreenshot" => told(operation, &format!("<imageData>{JPEG}</imageData>")),
            "DescribeInstanceAttribute" => {
                let value = self.protects(&id);
                told(
                    operation,
                    &format!("<disableApiTermination><value>{value}</value></disableApiTermination>"),
                )
            }
            _ => self.modify(instance, request),
        })
    }

    fn protects(&self, id: &str) -> bool {
        self.protected.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    fn modify(&self, instance: &mut Instance, request: &ReplayRequest) -> ReplayResponse {
        let mut protected = self.protected.lock().unwrap_or_else(PoisonError::into_inner);
        match request.form("DisableApiTermination.Value").as_deref() {
            Some("true") => {
                protected.insert(instance.id.to_string());
            }
            Some(_) => {
                protected.remove(instance.id.as_str());
            }
            None => {}
        }
        if let Some(wanted) = request.form("InstanceType.Value") {
            if instance.state != InstanceState::Stopped {
                return wire::ec2_error(400, "IncorrectInstanceState", "It is not in the 'stopped' state.");
            }
            instance.instance_type = wanted;
        }
        wire::done(request.operation())
    }
}

fn told(operation: &str, inner: &str) -> ReplayResponse {
    wire::xml(200, format!("<{operation}Response>{inner}</{operation}Response>"))
}

/// Three types on two pages.
fn types(request: &ReplayRequest) -> ReplayResponse {
    let item = |name: &str, architecture: &str| {
        format!(
            "<item><instanceType>{name}</instanceType><currentGeneration>true</currentGeneration>\
             <processorInfo><supportedArchitectures><item>{architecture}</item></supportedArchitectures>\
             </processorInfo><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo>\
             <memoryInfo><sizeInMiB>4096</sizeInMiB></memoryInfo></item>"
        )
    };
    let inner = match request.form("NextToken") {
        None => format!(
            "<instanceTypeSet>{}{}</instanceTypeSet><nextToken>two</nextToken>",
            item("t3.micro", "x86_64"),
            item("m7g.large", "arm64")
        ),
        Some(_) => format!("<instanceTypeSet>{}</instanceTypeSet>", item("t3.medium", "x86_64")),
    };
    told(request.operation(), &inner)
}

fn status(instances: &[Instance], request: &ReplayRequest) -> ReplayResponse {
    let asked = request.form("InstanceId.1");
    let chosen = instances.iter().filter(|it| asked.as_ref().is_none_or(|id| it.id.as_str() == id));
    let item = |it: &Instance| {
        let word = if it.state == InstanceState::Running { "impaired" } else { "not-applicable" };
        format!(
            "<item><instanceId>{}</instanceId><systemStatus><status>{word}</status></systemStatus>\
             <instanceStatus><status>{}</status></instanceStatus></item>",
            it.id,
            if it.state == InstanceState::Running { "ok" } else { "not-applicable" }
        )
    };
    let items: String = chosen.map(item).collect();
    told(request.operation(), &format!("<instanceStatusSet>{items}</instanceStatusSet>"))
}
