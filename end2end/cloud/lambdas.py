"""What MiniStack's Lambda does not tell, added inside its process.

Lambda ends the log of each invocation with a report, ties the last lines of that log to the answer
when it is asked to, and names the invocation in the answer's request id: so the answer, the log tail
and the log group speak of the same invocation. MiniStack writes the report to the log group only,
under an id that the answer does not tell.
"""

from __future__ import annotations

import contextvars
import time
from typing import Any

#: Tells the front an invocation's id; MiniStack puts an id of its own into the usual header.
ID_HEADER = "X-Cloud-Invocation-Id"

_current: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("invocation", default=None)


def install() -> None:
    """Change MiniStack's Lambda, before it starts."""
    from ministack.services import lambda_svc

    dispatch, invoke = lambda_svc._execute_function_dispatch, lambda_svc._invoke

    def noting_dispatch(
        func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
    ) -> Any:
        """Run a function, and tell its log as Lambda does."""
        result = dispatch(func, config, event, request_id, started)
        current = _current.get()
        if current is not None:
            current["id"] = request_id
        if isinstance(result, dict) and result.get("log_source") != "rie":
            seconds = time.time() - started
            result["log"] = whole_log(func, config, request_id, seconds, result.get("log") or "")
        return result

    get_kept = lambda_svc._get_provisioned_concurrency

    def get_or_list_kept(name: str, qualifier: str | None) -> Any:
        """Tell of one version what is kept ready for it, or of all when none is named."""
        if qualifier or name not in lambda_svc._functions:
            return get_kept(name, qualifier)
        kept = lambda_svc._functions[name].get("provisioned_concurrency", {})
        arn = lambda_svc._func_arn(name)
        configs = [{"FunctionArn": f"{arn}:{which}", **it} for which, it in kept.items()]
        return lambda_svc.json_response({"ProvisionedConcurrencyConfigs": configs})

    async def noting_invoke(*args: Any, **kwargs: Any) -> Any:
        """Answer an invocation, with its id."""
        current: dict[str, str] = {}
        token = _current.set(current)
        try:
            status, headers, body = await invoke(*args, **kwargs)
        finally:
            _current.reset(token)
        if "id" in current:
            headers = {**headers, ID_HEADER: current["id"]}
        return status, headers, body

    def whole_log(
        func: dict[str, Any], config: dict[str, Any], request_id: str, seconds: float, said: str
    ) -> str:
        millis = seconds * 1000
        memory, used = config.get("MemorySize", 128), lambda_svc._probe_peak_memory_mb(func)
        return "\n".join(
            (
                f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}",
                *said.splitlines(),
                f"END RequestId: {request_id}",
                f"REPORT RequestId: {request_id}\tDuration: {millis:.2f} ms\t"
                f"Billed Duration: {int(millis) + 1} ms\tMemory Size: {memory} MB\t"
                f"Max Memory Used: {used} MB\t",
            )
        )

    lambda_svc._execute_function_dispatch = noting_dispatch
    lambda_svc._invoke = noting_invoke
    lambda_svc._get_provisioned_concurrency = get_or_list_kept
