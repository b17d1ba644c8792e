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
