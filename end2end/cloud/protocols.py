"""Errors as AWS puts them on the wire, for each protocol."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

import cbor2
from aiohttp import web

from cloud.operations import Protocol

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def error_response(protocol: Protocol, status: int, code: str, message: str) -> web.Response:
    """An error answer with this status and code, in the protocol of the service."""
    request_id = str(uuid.uuid4())
    code_xml, text_xml = escape(code), escape(message)
    headers = {"x-amzn-RequestId": request_id}
    match protocol:
        case Protocol.EC2:
            body = (
                f"{_XML}<Response><Errors><Error><Code>{code_xml}</Code><Message>{text_xml}</Message>"
                f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
            )
            return web.Response(status=status, text=body, content_type="text/xml", headers=headers)
        case Protocol.QUERY:
            kind = "Sender" if status < 500 else "Receiver"
            body = (
                f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code_xml}</Code>"
                f"<Message>{text_xml}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            )
            return web.Response(status=status, text=body, content_type="text/xml", headers=headers)
        case Protocol.S3:
            body = (
                f"{_XML}<Error><Code>{code_xml}</Code><Message>{text_xml}</Message>"
                f"<RequestId>{request_id}</RequestId></Error>"
            )
            headers["x-amz-request-id"] = request_id
            return web.Response(status=status, text=body, content_type="application/xml", headers=headers)
        case Protocol.CBOR:
            headers |= {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
            headers["x-amzn-query-error"] = f"{code};{'Sender' if status < 500 else 'Receiver'}"
            document = {"__type": f"com.amazonaws.cloudwatch#{code}", "message": message}
            return web.Response(status=status, body=cbor2.dumps(document), headers=headers)
        case Protocol.JSON:
            headers["Content-Type"] = "application/x-amz-json-1.1"
            text = json.dumps({"__type": code, "message": message})
            return web.Response(status=status, body=text.encode(), headers=headers)
        case Protocol.REST_JSON:
            headers |= {"Content-Type": "application/json", "x-amzn-ErrorType": code}
            text = json.dumps({"Type": "User" if status < 500 else "Service", "Message": message})
            return web.Response(status=status, body=text.encode(), headers=headers)
