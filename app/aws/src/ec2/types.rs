//! The instance types of a region.
//! [DescribeInstanceTypes](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html)

use aws_sdk_ec2::types as sdk;
use nephoscope_model::{Place, Result, ec2::InstanceType};

use crate::{Cloud, calls::DESCRIBE_INSTANCE_TYPES, paging::Pages};

/// The most that `DescribeInstanceTypes` gives in a page.
const PAGE: i32 = 100;

impl Cloud {
    /// All instance types of a place, by name: several hundred, in as many pages of a hundred.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_instance_types(&self, place: &Place) -> Result<Vec<InstanceType>> {
        let site = self.site(place)?;
        let mut types = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request =
                site.ec2().describe_instance_types().max_results(PAGE).set_next_token(pages.token());
            let page = site.call(DESCRIBE_INSTANCE_TYPES, request.send()).await?;
            types.extend(page.instance_types.unwrap_or_default().iter().filter_map(read_type));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        types.sort_by(|a, b| a.name.cmp(&b.name));
        types.dedup_by(|a, b| a.name == b.name);
        Ok(types)
    }
}

/// A type in our words; nothing for one whose name could not be asked for.
fn read_type(told: &sdk::InstanceTypeInfo) -> Option<InstanceType> {
    let vcpus = told.v_cpu_info().and_then(sdk::VCpuInfo::default_v_cpus);
    let memory = told.memory_info().and_then(sdk::MemoryInfo::size_in_mib);
    let architectures = told.processor_info().map(sdk::ProcessorInfo::supported_architectures);
    Some(InstanceType {
        name: told.instance_type()?.as_str().parse().ok()?,
        vcpus: vcpus.and_then(|vcpus| vcpus.try_into().ok()).unwrap_or_default(),
        memory_mib: memory.and_then(|mib| mib.try_into().ok()).unwrap_or_default(),
        architectures: architectures.unwrap_or_default().iter().map(|it| it.as_str().to_owned()).collect(),
        current_generation: told.current_generation().unwrap_or_default(),
    })
}
