//! Which kind of refusal an error of AWS is. A code can be of one kind only; the status decides when there is none.

/// What AWS said when it refused.
pub(super) struct Refusal<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) status: u16,
}

impl Refusal<'_> {
    /// The credentials are good and lack a permission.
    pub(super) fn is_denied(&self) -> bool {
        !self.is_locked()
            && matches!(
                self.code,
                "AccessDenied"
                    | "AccessDeniedException"
                    | "AuthorizationError"
                    | "Client.UnauthorizedOperation"
                    | "Forbidden"
                    | "NotAuthorized"
                    | "UnauthorizedOperation"
            )
    }

    /// Whatever the permissions, [S3's Object Lock](https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html) keeps it. Only
    /// the words tell.
    pub(super) fn is_locked(&self) -> bool {
        self.code == "AccessDenied" && self.message.contains("object lock")
    }

    /// S3 has to fetch it from an archive before it can be read.
    pub(super) fn is_archived(&self) -> bool {
        self.code == "InvalidObjectState"
    }

    /// AWS asked to slow down: the SDK's own list of such codes, and the status without one.
    pub(super) fn is_throttled(&self) -> bool {
        self.status == 429
            || matches!(
                self.code,
                "BandwidthLimitExceeded"
                    | "Client.RequestLimitExceeded"
                    | "LimitExceededException"
                    | "PriorRequestNotComplete"
                    | "RequestLimitExceeded"
                    | "RequestThrottled"
                    | "RequestThrottledException"
                    | "SlowDown"
                    | "ThrottledException"
                    | "Throttling"
                    | "ThrottlingException"
                    | "TooManyRequestsException"
            )
    }

    /// Lambda could not begin to run a function, because of what its owner set up: its key, its network, its file system, its package
    /// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors)). Lambda says most of these with status
    /// 502, as if they were faults of its own.
    pub(super) fn is_not_startable(&self) -> bool {
        matches!(
            self.code,
            "EC2AccessDeniedException"
                | "EC2ThrottledException"
                | "EC2UnexpectedException"
                | "EFSIOException"
                | "EFSMountConnectivityException"
                | "EFSMountFailureException"
                | "EFSMountTimeoutException"
                | "ENILimitReachedException"
                | "InvalidRuntimeException"
                | "InvalidSecurityGroupIDException"
                | "InvalidSubnetIDException"
                | "InvalidZipFileException"
                | "KMSAccessDeniedException"
                | "KMSDisabledException"
                | "KMSInvalidStateException"
                | "KMSNotFoundException"
                | "SnapStartException"
                | "SnapStartTimeoutException"
                | "SubnetIPAddressLimitReachedException"
        )
    }

    /// A function cannot be run yet: its network or its snapshot is being prepared.
    pub(super) fn is_not_ready(&self) -> bool {
        matches!(
            self.code,
            "ENINotReadyException" | "ResourceNotReadyException" | "SnapStartNotReadyException"
        )
    }

    /// The session has ended.
    pub(super) fn is_expired(&self) -> bool {
        matches!(self.code, "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired")
    }

    /// The signature is wrong, or too old or too new.
    pub(super) fn is_badly_signed(&self) -> bool {
        matches!(
            self.code,
            "IncompleteSignature"
                | "IncompleteSignatureException"
                | "InvalidSignatureException"
                | "RequestExpired"
                | "RequestTimeTooSkewed"
                | "SignatureDoesNotMatch"
        )
    }

    /// The key is unknown. AWS says the same of a good key in a region that the account has not enabled.
    pub(super) fn is_unknown_key(&self) -> bool {
        matches!(
            self.code,
            "AuthFailure"
                | "InvalidAccessKeyId"
                | "InvalidClientTokenId"
                | "MissingAuthenticationToken"
                | "MissingAuthenticationTokenException"
                | "OptInRequired"
                | "UnrecognizedClientException"
        )
    }

    /// The instance is in a state in which EC2 does not do this.
    pub(super) fn is_wrong_state(&self) -> bool {
        matches!(self.code, "IncorrectInstanceState" | "IncorrectState")
    }

    /// Termination or stop protection is on.
    pub(super) fn is_protected(&self) -> bool {
        self.code == "OperationNotPermitted"
    }

    /// There is no such thing: `InvalidInstanceID.NotFound`, `ResourceNotFoundException`, …
    pub(super) fn is_not_found(&self) -> bool {
        self.code.ends_with("NotFound")
            || self.code.ends_with("NotFoundException")
            || matches!(self.code, "NoSuchBucket" | "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion")
    }

    /// Something of that name is there already, or something in it is in the way.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(
            self.code,
            "BucketAlreadyExists"
                | "ResourceConflictException"
                | "BucketAlreadyOwnedByYou"
                | "BucketNotEmpty"
                | "OperationAborted"
                | "PreconditionFailed"
                | "PreconditionFailedException"
                | "ConditionalRequestConflict"
        )
    }

    /// A fault of AWS's own.
    pub(super) fn is_fault_of_aws(&self) -> bool {
        self.status >= 500 || matches!(self.code, "RequestTimeout" | "RequestTimeoutException")
    }
}
