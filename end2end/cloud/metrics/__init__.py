"""CloudWatch metrics at the front: long histories made up on demand, merged with put values."""
