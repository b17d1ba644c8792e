// Instances of a test's own, launched behind nephoscope's back.

import { expect } from '@playwright/test';
import type { Cloud, CloudInstance, Place } from './cloud';

/** Keeps in mind what it launched, so that it is terminated when the test is over. */
export class Launched {
  private readonly mine: CloudInstance[] = [];

  constructor(private readonly place: Place) {}

  /** Launches an instance and waits until it runs. */
  async launch(cloud: Cloud, what: string): Promise<CloudInstance> {
    const name = `e2e-${what}-${Date.now().toString(36)}`;
    await cloud.ec2(this.place, 'RunInstances', {
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 't3.micro',
      MinCount: '1',
      MaxCount: '1',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.1.Tag.1.Value': name,
    });
    const instance = await cloud.find(this.place.account, this.place.region, name);
    this.mine.push(instance);
    await expect.poll(() => cloud.stateOf(instance), { timeout: 15_000 }).toBe('running');
    return instance;
  }

  async terminate(cloud: Cloud): Promise<void> {
    for (const { id } of this.mine.splice(0)) await cloud.ec2(this.place, 'TerminateInstances', { 'InstanceId.1': id });
  }
}
